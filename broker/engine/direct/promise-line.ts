/**
 * Answers that promise something: they leave in their order, each when the store has promised to keep what was changed
 * before. An answer that still waits when the connection ends is never sent: the client asks again, as MQTT lets it.
 */

import type { Store } from "../../store/store";

/** Answers that may wait before the client has to wait with its next packet. */
const MOST = 1_024;

interface Held {
	readonly packet: Buffer;
	readonly sent: (() => void) | undefined;
	ready: boolean;
}

export class PromiseLine {
	readonly #store: Pick<Store, "flushed">;
	readonly #write: (packet: Buffer) => void;
	readonly #freed: () => void;
	#line: Held[] = [];

	/** @param freed is told when some have left */
	constructor(store: Pick<Store, "flushed">, write: (packet: Buffer) => void, freed: () => void) {
		this.#store = store;
		this.#write = write;
		this.#freed = freed;
	}

	get full(): boolean {
		return this.#line.length >= MOST;
	}

	/** @param sent is called when it was written */
	send(packet: Buffer, sent?: () => void): void {
		const flushed = this.#store.flushed();
		if (!flushed && this.#line.length === 0) {
			this.#write(packet);
			sent?.();
			return;
		}
		const held: Held = { packet, sent, ready: !flushed };
		this.#line.push(held);
		void flushed?.then(() => {
			held.ready = true;
			this.#release();
		});
	}

	/** Nothing is sent any more. */
	end(): void {
		this.#line = [];
	}

	#release(): void {
		let count = 0;
		while (this.#line[count]?.ready) {
			const { packet, sent } = this.#line[count] as Held;
			count++;
			this.#write(packet);
			sent?.();
		}
		if (count === 0) return;
		this.#line.splice(0, count);
		this.#freed();
	}
}
