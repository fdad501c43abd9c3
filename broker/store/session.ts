/** One session in memory: its subscriptions, what waits for it, and what it has half sent. */

import { isExpired } from "./expiry";
import type { StoreRecord } from "./record";
import { size } from "./retained-tree";
import type { QueuedMessage, StoredSubscription, StoreLimits } from "./store";

export class Session {
	/** Whose it is; `null` for an anonymous client. */
	user: string | null = null;
	/** Seconds that it waits for its client. */
	patience: number | undefined;
	/** Milliseconds since 1970; null for never, undefined while the client is here. */
	expiresAt: number | null | undefined;
	/** Outlives the connection: somebody asked for that, or subscribed. */
	lasting = false;
	readonly subscriptions = new Map<string, StoredSubscription>();
	readonly incoming = new Set<number>();
	/** In order of arrival. */
	readonly #queue = new Map<string, QueuedMessage>();
	readonly #byPacketId = new Map<number, QueuedMessage>();
	#bytes = 0;

	hasRoom(bytes: number, limits: StoreLimits): boolean {
		return this.#queue.size < limits.queuedMessages && this.#bytes + bytes <= limits.queuedBytes;
	}

	/** Oldest first. */
	entries(): IterableIterator<QueuedMessage> {
		return this.#queue.values();
	}

	has(key: string): boolean {
		return this.#queue.has(key);
	}

	withPacketId(packetId: number): QueuedMessage | undefined {
		return this.#byPacketId.get(packetId);
	}

	oldestUnsent(): QueuedMessage | undefined {
		for (const entry of this.#queue.values()) if (entry.packetId === undefined) return entry;
		return undefined;
	}

	/** Messages whose time is over and that were never sent. */
	expired(now: number): QueuedMessage[] {
		const found: QueuedMessage[] = [];
		for (const entry of this.#queue.values()) {
			if (entry.packetId === undefined && isExpired(entry.message, now)) found.push(entry);
		}
		return found;
	}

	/** One that is there already keeps its place. */
	put(entry: QueuedMessage): void {
		const before = this.#queue.get(entry.key);
		if (before) this.#forget(before);
		this.#queue.set(entry.key, entry);
		this.#bytes += size(entry.message);
		if (entry.packetId !== undefined) this.#byPacketId.set(entry.packetId, entry);
	}

	sent(key: string, packetId: number): void {
		const entry = this.#queue.get(key);
		if (!entry) return;
		this.#freePacketId(entry);
		entry.packetId = packetId;
		this.#byPacketId.set(packetId, entry);
	}

	released(key: string): void {
		const entry = this.#queue.get(key);
		if (entry) entry.released = true;
	}

	remove(key: string): void {
		const entry = this.#queue.get(key);
		if (!entry) return;
		this.#forget(entry);
		this.#queue.delete(key);
	}

	/** Everything about it, as records that make it anew. A long one is read step by step while it goes on changing. */
	*records(clientId: string): Generator<StoreRecord> {
		const { user, patience, expiresAt } = this;
		if (patience !== undefined) yield { kind: "session", clientId, user, patience };
		if (expiresAt !== undefined) yield { kind: "away", clientId, expiresAt };
		for (const subscription of this.subscriptions.values()) yield { kind: "subscribed", clientId, subscription };
		for (const packetId of this.incoming) yield { kind: "received", clientId, packetId };
		for (const entry of this.#queue.values()) yield { kind: "queued", clientId, entry };
	}

	#forget(entry: QueuedMessage): void {
		this.#bytes -= size(entry.message);
		this.#freePacketId(entry);
	}

	/** Unless another message has it by now: a journal that is read again may say so for a while. */
	#freePacketId({ packetId, key }: QueuedMessage): void {
		if (packetId !== undefined && this.#byPacketId.get(packetId)?.key === key) this.#byPacketId.delete(packetId);
	}
}
