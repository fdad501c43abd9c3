/** A store that lives as long as the process. */

import type { QoS } from "../message";
import { TopicTrie } from "../topic-trie";
import { isExpired } from "./expiry";
import { RetainedTree, size } from "./retained-tree";
import { Session } from "./session";
import type {
	QueuedMessage,
	QueueTarget,
	Store,
	StoredMessage,
	StoredSubscription,
	StoreEvents,
	StoreLimits,
} from "./store";

/** A subscription where the trie can find it. */
interface Listed {
	readonly clientId: string;
	readonly subscription: StoredSubscription;
}

export class MemoryStore implements Store {
	readonly #retained = new RetainedTree();
	readonly #sessions = new Map<string, Session>();
	/** Subscriptions of QoS 1 and 2: those with QoS 0 get nothing into their queue. */
	readonly #lasting = new TopicTrie<Listed>();
	readonly #listed = new Map<string, Map<string, Listed>>();
	readonly #limits: StoreLimits;
	readonly #events: StoreEvents;
	readonly #now: () => number;

	/** @param now milliseconds since 1970 */
	constructor(limits: StoreLimits, events: StoreEvents, now: () => number = Date.now) {
		this.#limits = limits;
		this.#events = events;
		this.#now = now;
	}

	async open(): Promise<void> {}

	async close(): Promise<void> {}

	get retainedCount(): number {
		return this.#retained.count;
	}

	get retainedBytes(): number {
		return this.#retained.bytes;
	}

	retain(message: StoredMessage): boolean {
		if (message.payload.length === 0) {
			this.#retained.delete(message.topic);
			return true;
		}
		const before = this.#retained.get(message.topic);
		const count = this.#retained.count + (before ? 0 : 1);
		const bytes = this.#retained.bytes + size(message) - (before ? size(before) : 0);
		if (count > this.#limits.retainedMessages || bytes > this.#limits.retainedBytes) {
			this.#events.retainedFull(message);
			return false;
		}
		this.#retained.set(message);
		return true;
	}

	retained(filters: readonly string[]): StoredMessage[] {
		const now = this.#now();
		const found = new Set(filters.flatMap((filter) => this.#retained.select(filter)));
		for (const message of found) {
			if (!isExpired(message, now)) continue;
			found.delete(message);
			this.#retained.delete(message.topic);
		}
		return [...found];
	}

	keepSession(clientId: string, user: string | null): void {
		this.#session(clientId).user = user;
	}

	sessionUser(clientId: string): string | null | undefined {
		return this.#sessions.get(clientId)?.user;
	}

	hasSession(clientId: string): boolean {
		return this.#sessions.has(clientId);
	}

	dropSession(clientId: string): void {
		for (const [filter, listed] of this.#listed.get(clientId) ?? []) this.#lasting.remove(filter, listed);
		this.#listed.delete(clientId);
		this.#sessions.delete(clientId);
	}

	subscribe(clientId: string, subscriptions: readonly StoredSubscription[]): void {
		const session = this.#session(clientId);
		for (const subscription of subscriptions) {
			this.#unlist(clientId, subscription.filter);
			session.subscriptions.set(subscription.filter, subscription);
			if (subscription.qos > 0) this.#list(clientId, subscription);
		}
	}

	unsubscribe(clientId: string, filters: readonly string[]): void {
		const session = this.#sessions.get(clientId);
		if (!session) return;
		for (const filter of filters) {
			this.#unlist(clientId, filter);
			session.subscriptions.delete(filter);
		}
	}

	subscriptions(clientId: string): StoredSubscription[] {
		return [...(this.#sessions.get(clientId)?.subscriptions.values() ?? [])];
	}

	targets(topic: string): QueueTarget[] {
		const found = this.#lasting.match(topic);
		if (found.length === 0) return [];
		const targets = new Map<string, QueueTarget>();
		for (const { clientId, subscription } of found) {
			const before = targets.get(clientId);
			targets.set(clientId, before ? both(before, subscription) : target(clientId, subscription));
		}
		return [...targets.values()];
	}

	enqueue(clientId: string, entry: QueuedMessage): boolean {
		const dropped = this.#session(clientId).enqueue(entry, this.#limits);
		if (dropped) this.#events.queueFull(clientId, dropped.message);
		return dropped !== entry;
	}

	queue(clientId: string): QueuedMessage[] {
		return this.#sessions.get(clientId)?.queue(this.#now()) ?? [];
	}

	mayUse(clientId: string, packetId: number, key: string): boolean {
		return this.#sessions.get(clientId)?.mayUse(packetId, key) ?? true;
	}

	sent(clientId: string, key: string, packetId: number): boolean {
		return this.#sessions.get(clientId)?.sent(key, packetId) ?? false;
	}

	released(clientId: string, packetId: number): boolean {
		return this.#sessions.get(clientId)?.released(packetId) ?? false;
	}

	acknowledged(clientId: string, packetId: number): QueuedMessage | undefined {
		return this.#sessions.get(clientId)?.acknowledged(packetId);
	}

	receive(clientId: string, packetId: number, most: number): boolean {
		const { incoming } = this.#session(clientId);
		if (incoming.size >= most) return false;
		incoming.add(packetId);
		return true;
	}

	hasReceived(clientId: string, packetId: number): boolean {
		return this.#sessions.get(clientId)?.incoming.has(packetId) ?? false;
	}

	release(clientId: string, packetId: number): boolean {
		return this.#sessions.get(clientId)?.incoming.delete(packetId) ?? false;
	}

	#session(clientId: string): Session {
		let session = this.#sessions.get(clientId);
		if (!session) {
			session = new Session();
			this.#sessions.set(clientId, session);
		}
		return session;
	}

	#list(clientId: string, subscription: StoredSubscription): void {
		const listed = { clientId, subscription };
		let filters = this.#listed.get(clientId);
		if (!filters) {
			filters = new Map();
			this.#listed.set(clientId, filters);
		}
		filters.set(subscription.filter, listed);
		this.#lasting.add(subscription.filter, listed);
	}

	#unlist(clientId: string, filter: string): void {
		const filters = this.#listed.get(clientId);
		const listed = filters?.get(filter);
		if (!filters || !listed) return;
		this.#lasting.remove(filter, listed);
		filters.delete(filter);
		if (filters.size === 0) this.#listed.delete(clientId);
	}
}

function target(clientId: string, subscription: StoredSubscription): QueueTarget {
	const { qos, noLocal, retainAsPublished, identifier } = subscription;
	return { clientId, qos, noLocal, retainAsPublished, ...(identifier !== undefined && { identifier }) };
}

/** A session whose subscriptions overlap gets a publication once, with the highest QoS. [MQTT-3.3.5-1] */
function both(before: QueueTarget, subscription: StoredSubscription): QueueTarget {
	const higher = subscription.qos > before.qos ? target(before.clientId, subscription) : before;
	return {
		...higher,
		qos: Math.max(before.qos, subscription.qos) as QoS,
		noLocal: before.noLocal && subscription.noLocal,
	};
}
