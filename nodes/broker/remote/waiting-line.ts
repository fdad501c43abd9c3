/** The messages that wait for the connection to a broker, oldest first, within the limits of broker and node. */

import type { Message, StoredMessage } from "../../../broker";
import type { NodeQueue, PublishDone } from "../../flow-client";
import { Line } from "../../line";
import type { QueueLimits } from "./remote-options";

/** A message on its way to the broker. */
export interface Entry {
	readonly message: Message;
	readonly done: PublishDone;
	readonly queue: NodeQueue | undefined;
	/** Milliseconds since the epoch. */
	readonly since: number;
	/** Messages go in this order. */
	readonly place: number;
	/** It is on the disk. */
	kept: boolean;
	/** Stands for the last time that it was handed to the connection. */
	sending: symbol | undefined;
}

/** Bytes that a waiting message takes beside its payload and topic: a guess. */
const OVERHEAD = 200;

export class WaitingLine {
	readonly #limits: QueueLimits;
	#entries = new Line<Entry>();
	readonly #byNode = new Map<NodeQueue, Line<Entry>>();
	#bytes = 0;

	constructor(limits: QueueLimits) {
		this.#limits = limits;
	}

	get size(): number {
		return this.#entries.size;
	}

	[Symbol.iterator](): Iterator<Entry> {
		return this.#entries[Symbol.iterator]();
	}

	add(entry: Entry): void {
		this.#entries.add(entry);
		this.#bytes += bytesOf(entry);
		if (!entry.queue) return;
		const own = this.#byNode.get(entry.queue) ?? new Line();
		own.add(entry);
		this.#byNode.set(entry.queue, own);
	}

	/** Before all others, and beyond the limits: they had their place before. */
	addFirst(entries: readonly Entry[]): void {
		const behind = [...this.#entries];
		this.#entries = new Line();
		for (const entry of behind) this.#forget(entry);
		for (const entry of [...entries, ...behind]) this.add(entry);
	}

	remove(entry: Entry): void {
		if (this.#entries.delete(entry)) this.#forget(entry);
	}

	/**
	 * What has to go so that the entry may wait.
	 * @returns the oldest messages; `newest` when it is the entry itself
	 */
	victimsFor(entry: Entry): Entry[] | "newest" {
		const { queue } = entry;
		const own = queue && this.#byNode.get(queue);
		const { messages, bytes: most, drop } = this.#limits;
		const policy = queue?.drop ?? drop;
		const victims: Entry[] = [];
		if (queue?.messages !== undefined && (own?.size ?? 0) >= queue.messages) {
			const oldest = own?.first;
			if (policy !== "oldest" || !oldest) return "newest";
			victims.push(oldest);
		}
		const bytes = bytesOf(entry);
		let count = this.size - victims.length;
		let waiting = this.#bytes - victims.reduce((sum, victim) => sum + bytesOf(victim), 0);
		const fits = () => count < messages && waiting + bytes <= most;
		if (fits()) return victims;
		if (policy !== "oldest" || bytes > most || messages === 0) return "newest";
		// A node that gives up its oldest messages does not give up those of others.
		for (const oldest of queue?.drop ? (own ?? []) : this.#entries) {
			if (victims.includes(oldest)) continue;
			victims.push(oldest);
			count--;
			waiting -= bytesOf(oldest);
			if (fits()) return victims;
		}
		return "newest";
	}

	#forget(entry: Entry): void {
		this.#bytes -= bytesOf(entry);
		const { queue } = entry;
		const own = queue && this.#byNode.get(queue);
		own?.delete(entry);
		if (queue && own?.size === 0) this.#byNode.delete(queue);
	}
}

/** As it is kept on the disk. */
export function storedMessage({ message, since }: Entry): StoredMessage {
	const seconds = message.properties?.messageExpiryInterval;
	return { ...message, ...(seconds !== undefined && { expiresAt: since + seconds * 1000 }) };
}

/** What was on the disk. */
export function restoredEntry(place: number, { expiresAt, ...message }: StoredMessage, now: number): Entry {
	const seconds = message.properties?.messageExpiryInterval;
	const since = expiresAt !== undefined && seconds !== undefined ? expiresAt - seconds * 1000 : now;
	return { message, done: () => {}, queue: undefined, since, place, kept: true, sending: undefined };
}

function bytesOf({ message: { payload, topic } }: Entry): number {
	return payload.length + topic.length + OVERHEAD;
}
