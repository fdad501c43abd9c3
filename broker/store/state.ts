/** What a store holds, and the one place where it changes: by doing what records say. */

import { TopicTrie } from "../topic-trie";
import { isExpired } from "./expiry";
import { QueueMemory } from "./queue-memory";
import type { StoreRecord } from "./record";
import { RetainedTree } from "./retained-tree";
import { Session } from "./session";
import { isOwnSession, type StoredSubscription, type StoredWill } from "./store";

/** A subscription where the trie can find it. */
interface Listed {
	readonly clientId: string;
	readonly subscription: StoredSubscription;
}

/** To be read by everybody; to be changed by {@link StoreState.apply} alone. */
export class StoreState {
	readonly retained = new RetainedTree();
	readonly sessions = new Map<string, Session>();
	readonly wills = new Map<string, StoredWill>();
	/** Of the queues of all clients. */
	readonly queueMemory = new QueueMemory();
	/** Subscriptions of clients of QoS 1 and 2: those with QoS 0 get nothing into their queue. */
	readonly lasting = new TopicTrie<Listed>();
	readonly #listed = new Map<string, Map<string, Listed>>();

	/** Does what the record says. */
	apply(record: StoreRecord): void {
		switch (record.kind) {
			case "retained":
				this.retained.set(record.message);
				break;
			case "cleared":
				this.retained.delete(record.topic);
				break;
			case "session":
				this.#keep(record.clientId, record.user, record.patience);
				break;
			case "away":
				this.#session(record.clientId).expiresAt = record.expiresAt;
				break;
			case "dropped":
				this.#drop(record.clientId);
				break;
			case "subscribed":
				this.#subscribe(record.clientId, record.subscription);
				break;
			case "unsubscribed":
				this.#unlist(record.clientId, record.filter);
				this.sessions.get(record.clientId)?.subscriptions.delete(record.filter);
				break;
			case "queued":
				this.#session(record.clientId).queue.put(record.entry);
				break;
			case "sent":
				this.sessions.get(record.clientId)?.queue.sent(record.key, record.packetId);
				break;
			case "released":
				this.sessions.get(record.clientId)?.queue.released(record.key);
				break;
			case "unqueued":
				this.sessions.get(record.clientId)?.queue.remove(record.key);
				break;
			case "received":
				this.#session(record.clientId).incoming.add(record.packetId);
				break;
			case "completed":
				this.sessions.get(record.clientId)?.incoming.delete(record.packetId);
				break;
			case "will":
				this.wills.set(record.clientId, record.will);
				break;
			case "willOver":
				this.wills.delete(record.clientId);
				break;
		}
	}

	/**
	 * Everything that is to outlive the process, as records that make it anew. May be read step by step while the store
	 * goes on changing: the records of those changes, read behind these, put right what these have half seen.
	 */
	*records(now: number): Generator<StoreRecord> {
		for (const message of this.retained.all()) {
			if (!isExpired(message, now)) yield { kind: "retained", message };
		}
		for (const [clientId, session] of this.sessions) if (session.lasting) yield* session.records(clientId);
		for (const [clientId, will] of this.wills) yield { kind: "will", clientId, will };
	}

	#session(clientId: string): Session {
		let session = this.sessions.get(clientId);
		if (!session) {
			session = new Session(isOwnSession(clientId) ? new QueueMemory() : this.queueMemory);
			this.sessions.set(clientId, session);
		}
		return session;
	}

	#keep(clientId: string, user: string | null, patience: number): void {
		const session = this.#session(clientId);
		session.user = user;
		session.patience = patience;
		session.expiresAt = undefined;
		session.lasting = true;
	}

	#drop(clientId: string): void {
		for (const [filter, listed] of this.#listed.get(clientId) ?? []) this.lasting.remove(filter, listed);
		this.#listed.delete(clientId);
		this.sessions.get(clientId)?.queue.discard();
		this.sessions.delete(clientId);
	}

	#subscribe(clientId: string, subscription: StoredSubscription): void {
		const session = this.#session(clientId);
		session.lasting = true;
		this.#unlist(clientId, subscription.filter);
		session.subscriptions.set(subscription.filter, subscription);
		// What the broker itself has subscribed to, it has at another broker.
		if (subscription.qos > 0 && !isOwnSession(clientId)) this.#list(clientId, subscription);
	}

	#list(clientId: string, subscription: StoredSubscription): void {
		const listed = { clientId, subscription };
		let filters = this.#listed.get(clientId);
		if (!filters) {
			filters = new Map();
			this.#listed.set(clientId, filters);
		}
		filters.set(subscription.filter, listed);
		this.lasting.add(subscription.filter, listed);
	}

	#unlist(clientId: string, filter: string): void {
		const filters = this.#listed.get(clientId);
		const listed = filters?.get(filter);
		if (!filters || !listed) return;
		this.lasting.remove(filter, listed);
		filters.delete(filter);
		if (filters.size === 0) this.#listed.delete(clientId);
	}
}
