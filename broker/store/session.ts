/** One session in memory: its subscriptions, what waits for it, and what it has half sent. */

import { MessageQueue } from "./queue";
import type { QueueMemory } from "./queue-memory";
import type { StoreRecord } from "./record";
import type { QueueBounds, StoredSubscription } from "./store";

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
	readonly queue: MessageQueue;
	/** Of one of the broker's own sessions. */
	bounds: QueueBounds | undefined;

	/** @param memory of all queues that share the limits of this one */
	constructor(readonly memory: QueueMemory) {
		this.queue = new MessageQueue(memory);
	}

	get isHere(): boolean {
		return this.expiresAt === undefined;
	}

	/** Everything about it, as records that make it anew. A long one is read step by step while it goes on changing. */
	*records(clientId: string): Generator<StoreRecord> {
		const { user, patience, expiresAt } = this;
		if (patience !== undefined) yield { kind: "session", clientId, user, patience };
		if (expiresAt !== undefined) yield { kind: "away", clientId, expiresAt };
		for (const subscription of this.subscriptions.values()) yield { kind: "subscribed", clientId, subscription };
		for (const packetId of this.incoming) yield { kind: "received", clientId, packetId };
		for (const entry of this.queue.entries()) yield { kind: "queued", clientId, entry };
	}
}
