/** What waits for one session, in order of arrival. Every step costs the same, however long the queue is. */

import { isExpired } from "./expiry";
import type { QueueMemory } from "./queue-memory";
import { size } from "./retained-tree";
import type { QueuedMessage } from "./store";

interface Place {
	entry: QueuedMessage;
	/** Grows from the oldest to the newest. */
	readonly number: number;
	before: Place | undefined;
	after: Place | undefined;
	gone: boolean;
}

export class MessageQueue {
	readonly #memory: QueueMemory;
	readonly #byKey = new Map<string, Place>();
	/** In the order in which they were sent. */
	readonly #byPacketId = new Map<number, QueuedMessage>();
	#first: Place | undefined;
	#last: Place | undefined;
	/** The oldest that was not sent. */
	#unsent: Place | undefined;
	#lastNumber = 0;
	#bytes = 0;
	/** No unsent message expires before; milliseconds since 1970. */
	#nextExpiry = Number.POSITIVE_INFINITY;

	/** @param memory of all queues */
	constructor(memory: QueueMemory) {
		this.#memory = memory;
	}

	get count(): number {
		return this.#byKey.size;
	}

	/** Bytes of topics, payloads and properties. */
	get bytes(): number {
		return this.#bytes;
	}

	has(key: string): boolean {
		return this.#byKey.has(key);
	}

	withPacketId(packetId: number): QueuedMessage | undefined {
		return this.#byPacketId.get(packetId);
	}

	/** The oldest that was not sent. */
	get nextUnsent(): QueuedMessage | undefined {
		return this.#unsent?.entry;
	}

	/** Sent and not acknowledged, in the order in which they were sent. */
	get inFlight(): QueuedMessage[] {
		return [...this.#byPacketId.values()];
	}

	/** Oldest first. May be read step by step while the queue changes: what stays in it is among them. */
	*entries(): Generator<QueuedMessage> {
		let place = this.#first;
		while (place) {
			yield place.entry;
			place = place.gone ? this.#behind(place.number) : place.after;
		}
	}

	/** Are there perhaps messages whose time is over? */
	hasExpired(now: number): boolean {
		return this.#nextExpiry <= now;
	}

	/** Messages whose time is over and that were never sent; `undefined` for each other one, so that a long walk can pause. */
	*expired(now: number): Generator<QueuedMessage | undefined> {
		if (!this.hasExpired(now)) return;
		this.#nextExpiry = Number.POSITIVE_INFINITY;
		let isDone = false;
		try {
			for (const entry of this.entries()) {
				const isOver = entry.packetId === undefined && isExpired(entry.message, now);
				if (!isOver) this.#watchExpiry(entry);
				yield isOver ? entry : undefined;
			}
			isDone = true;
		} finally {
			// Nobody knows what the rest of a walk that was given up would have found.
			if (!isDone) this.#nextExpiry = now;
		}
	}

	/** One with the key of another takes its place. @returns the other one */
	put(entry: QueuedMessage): QueuedMessage | undefined {
		const place = this.#byKey.get(entry.key);
		const before = place?.entry;
		if (place && before) {
			this.#forget(before);
			place.entry = entry;
		}
		this.#bytes += size(entry.message);
		this.#memory.add(entry.message);
		if (entry.packetId !== undefined) this.#byPacketId.set(entry.packetId, entry);
		this.#watchExpiry(entry);
		this.#noteUnsent(place ?? this.#append(entry));
		return before;
	}

	sent(key: string, packetId: number): void {
		const place = this.#byKey.get(key);
		if (!place) return;
		const { entry } = place;
		this.#freePacketId(entry);
		entry.packetId = packetId;
		this.#byPacketId.set(packetId, entry);
		this.#noteUnsent(place);
	}

	released(key: string): void {
		const entry = this.#byKey.get(key)?.entry;
		if (entry) entry.released = true;
	}

	/** @returns what was removed */
	remove(key: string): QueuedMessage | undefined {
		const place = this.#byKey.get(key);
		if (!place) return undefined;
		this.#byKey.delete(key);
		this.#forget(place.entry);
		if (this.#unsent === place) this.#unsent = nextUnsentBehind(place);
		const { before, after } = place;
		if (before) before.after = after;
		else this.#first = after;
		if (after) after.before = before;
		else this.#last = before;
		// Whoever reads here goes on with the number: links between removed ones would keep them in memory.
		place.gone = true;
		place.before = undefined;
		place.after = undefined;
		return place.entry;
	}

	/** What the queue holds does not count as memory any more: it is not to be used again. */
	discard(): void {
		for (const entry of this.entries()) this.#memory.remove(entry.message);
	}

	#append(entry: QueuedMessage): Place {
		const before = this.#last;
		const place: Place = { entry, number: ++this.#lastNumber, before, after: undefined, gone: false };
		if (before) before.after = place;
		else this.#first = place;
		this.#last = place;
		this.#byKey.set(entry.key, place);
		return place;
	}

	#behind(number: number): Place | undefined {
		let place = this.#first;
		while (place && place.number <= number) place = place.after;
		return place;
	}

	#noteUnsent(place: Place): void {
		const isUnsent = place.entry.packetId === undefined;
		if (isUnsent && (!this.#unsent || place.number < this.#unsent.number)) this.#unsent = place;
		if (!isUnsent && this.#unsent === place) this.#unsent = nextUnsentBehind(place);
	}

	#watchExpiry({ packetId, message: { expiresAt } }: QueuedMessage): void {
		if (packetId === undefined && expiresAt !== undefined && expiresAt < this.#nextExpiry) this.#nextExpiry = expiresAt;
	}

	#forget(entry: QueuedMessage): void {
		this.#bytes -= size(entry.message);
		this.#memory.remove(entry.message);
		this.#freePacketId(entry);
	}

	/** Unless another message has it by now: a journal that is read again may say so for a while. */
	#freePacketId({ packetId, key }: QueuedMessage): void {
		if (packetId !== undefined && this.#byPacketId.get(packetId)?.key === key) this.#byPacketId.delete(packetId);
	}
}

function nextUnsentBehind({ after }: Place): Place | undefined {
	let place = after;
	while (place && place.entry.packetId !== undefined) place = place.after;
	return place;
}
