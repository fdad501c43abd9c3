/** One session in memory: its subscriptions, what waits for it, and what it has half sent. */

import { isExpired } from "./expiry";
import { size } from "./retained-tree";
import type { QueuedMessage, StoredSubscription, StoreLimits } from "./store";

export class Session {
	/** Whose it is; `null` for an anonymous client. */
	user: string | null = null;
	readonly subscriptions = new Map<string, StoredSubscription>();
	readonly incoming = new Set<number>();
	/** In order of arrival. */
	readonly #queue = new Map<string, QueuedMessage>();
	readonly #byPacketId = new Map<number, QueuedMessage>();
	#bytes = 0;

	get queued(): number {
		return this.#queue.size;
	}

	/** @returns the message that was dropped to stay within the limits: perhaps the new one */
	enqueue(entry: QueuedMessage, limits: StoreLimits): QueuedMessage | undefined {
		const bytes = size(entry.message);
		let dropped: QueuedMessage | undefined;
		while (this.#queue.size + 1 > limits.queuedMessages || this.#bytes + bytes > limits.queuedBytes) {
			const victim = limits.queueDrops === "oldest" ? this.#oldestUnsent() : undefined;
			if (!victim) return entry;
			this.#remove(victim);
			dropped = victim;
		}
		this.#queue.set(entry.key, entry);
		this.#bytes += bytes;
		return dropped;
	}

	/** Oldest first; expired messages that were never sent are removed on the way. */
	queue(now: number): QueuedMessage[] {
		for (const entry of this.#queue.values()) {
			if (entry.packetId === undefined && isExpired(entry.message, now)) this.#remove(entry);
		}
		return [...this.#queue.values()];
	}

	mayUse(packetId: number, key: string): boolean {
		const entry = this.#byPacketId.get(packetId);
		return entry === undefined || entry.key === key;
	}

	sent(key: string, packetId: number): boolean {
		const entry = this.#queue.get(key);
		if (!entry) return false;
		if (entry.packetId !== undefined) this.#byPacketId.delete(entry.packetId);
		entry.packetId = packetId;
		this.#byPacketId.set(packetId, entry);
		return true;
	}

	released(packetId: number): boolean {
		const entry = this.#byPacketId.get(packetId);
		if (!entry) return false;
		entry.released = true;
		return true;
	}

	acknowledged(packetId: number): QueuedMessage | undefined {
		const entry = this.#byPacketId.get(packetId);
		if (entry) this.#remove(entry);
		return entry;
	}

	#oldestUnsent(): QueuedMessage | undefined {
		for (const entry of this.#queue.values()) if (entry.packetId === undefined) return entry;
		return undefined;
	}

	#remove(entry: QueuedMessage): void {
		this.#queue.delete(entry.key);
		this.#bytes -= size(entry.message);
		if (entry.packetId !== undefined) this.#byPacketId.delete(entry.packetId);
	}
}
