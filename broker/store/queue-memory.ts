/** What the queues of all sessions hold in memory. A payload that waits for many sessions is there once, and counts once. */

import { size } from "./retained-tree";
import type { StoredMessage } from "./store";

/** Bytes of one place in a queue, beside topic and payload: measured with bench/store-queue.mjs, rounded up. */
const PLACE_SIZE = 500;
/** Smaller payloads count for every session: it would cost more to know them again. */
const LEAST_SHARED = 256;

export class QueueMemory {
	readonly #uses = new Map<Buffer, number>();
	#messages = 0;
	#bytes = 0;

	/** Places in queues: a message that waits for two sessions counts twice. */
	get messages(): number {
		return this.#messages;
	}

	get bytes(): number {
		return this.#bytes;
	}

	/** Bytes that one more message in a queue would add. */
	cost(message: StoredMessage): number {
		const bytes = PLACE_SIZE + size(message);
		return this.isShared(message.payload) ? bytes - message.payload.length : bytes;
	}

	/** Does it wait for a session already? */
	isShared(payload: Buffer): boolean {
		return this.#uses.has(payload);
	}

	add(message: StoredMessage): void {
		this.#messages++;
		this.#bytes += this.cost(message);
		const { payload } = message;
		if (payload.length >= LEAST_SHARED) this.#uses.set(payload, (this.#uses.get(payload) ?? 0) + 1);
	}

	remove(message: StoredMessage): void {
		const { payload } = message;
		const uses = this.#uses.get(payload) ?? 0;
		if (uses > 1) this.#uses.set(payload, uses - 1);
		else this.#uses.delete(payload);
		this.#messages--;
		this.#bytes -= this.cost(message);
	}
}
