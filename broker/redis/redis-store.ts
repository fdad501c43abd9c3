/**
 * What is asked of a store that several processes share, answered from memory: sessions, subscriptions and retained
 * messages. They are changed by what is heard from Redis, in all processes in the same order. Queues, half-done
 * deliveries and wills are in Redis alone.
 */

import { MemoryStore } from "../store/memory";
import { FOR_EVER, type StoreEvents, type StoreLimits } from "../store/store";
import type { Change, SharedSession } from "./changes";
import { decodeMessage, type SharedMessage } from "./shared-message";

/** What is changed in Redis. */
export interface StoreChanges {
	keepSession(id: string, session: SharedSession): void;
	dropSession(id: string): void;
	/** The retained message with that number has expired. */
	expired(topic: string, number: number): void;
}

export class RedisStore extends MemoryStore {
	readonly #changes: StoreChanges;
	/** What was heard is not told again. */
	#following = false;
	/** Numbers of retained messages. */
	readonly #numbers = new Map<string, number>();
	/** Number of the last change of subscriptions. */
	#subscriptionsChanged = 0;

	constructor(limits: StoreLimits, events: StoreEvents, changes: StoreChanges) {
		super(limits, events);
		this.#changes = changes;
		this.journal = (record) => {
			if (record.kind !== "cleared") return;
			const number = this.#numbers.get(record.topic);
			this.#numbers.delete(record.topic);
			if (!this.#following && number !== undefined) this.#changes.expired(record.topic, number);
		};
	}

	override async close(): Promise<void> {
		await super.close();
		this.#forget();
	}

	/** An answer has to wait until Redis has what it is about. */
	override get writesBehind(): boolean {
		return true;
	}

	get subscriptionsChanged(): number {
		return this.#subscriptionsChanged;
	}

	override keepSession(clientId: string, user: string | null, patience: number): void {
		super.keepSession(clientId, user, patience);
		if (!this.#following) this.#changes.keepSession(clientId, { user, patience });
	}

	override dropSession(clientId: string): void {
		super.dropSession(clientId);
		if (!this.#following) this.#changes.dropSession(clientId);
	}

	/** @param answer of the script `load`. @returns the number of the last change */
	load(answer: unknown): number {
		const [number, changed, sessions, subscriptions, retained] = answer as Loaded;
		this.#follow(() => {
			this.#forget();
			for (let at = 0; at < sessions.length; at += 2) {
				this.#takeSession(String(sessions[at]), JSON.parse(String(sessions[at + 1])));
			}
			for (let at = 0; at < subscriptions.length; at += 2) {
				const texts = subscriptions[at + 1] as Buffer[];
				super.subscribe(
					String(subscriptions[at]),
					texts.map((text) => JSON.parse(String(text))),
				);
			}
			for (const bytes of retained) {
				const end = bytes.indexOf("\n");
				this.takeMessage(Number(bytes.toString("latin1", 0, end)), decodeMessage(bytes.subarray(end + 1)));
			}
		});
		this.#subscriptionsChanged = changed;
		return number;
	}

	/** What any process has changed. */
	take(number: number, change: Change): void {
		this.#follow(() => {
			switch (change.kind) {
				case "session":
					this.#takeSession(change.id, change.session);
					break;
				case "subscribed":
					super.subscribe(change.id, change.subscriptions);
					this.#subscriptionsChanged = number;
					break;
				case "unsubscribed":
					super.unsubscribe(change.id, change.filters);
					this.#subscriptionsChanged = number;
					break;
				case "dropped":
					super.dropSession(change.id);
					this.#subscriptionsChanged = number;
					break;
				default:
			}
		});
	}

	/** What any process has published. */
	takeMessage(number: number, message: SharedMessage): void {
		if (!message.retain) return;
		const { topic, qos, properties, expiresAt } = message;
		// A piece of what was read from Redis would keep all of that in memory.
		const payload = Buffer.from(message.payload);
		this.#follow(() => {
			const isKept = super.retain({
				topic,
				payload,
				qos,
				retain: true,
				...(properties && { properties }),
				...(expiresAt !== undefined && { expiresAt }),
			});
			if (isKept && payload.length > 0) this.#numbers.set(topic, number);
		});
	}

	#takeSession(id: string, { user, patience, endsAt }: SharedSession): void {
		super.keepSession(id, user, patience);
		if (endsAt === undefined) return;
		super.leaveSession(id, endsAt === null ? FOR_EVER : Math.max(0, (endsAt - Date.now()) / 1_000));
	}

	#forget(): void {
		this.forgetAll();
		this.#numbers.clear();
		this.#subscriptionsChanged = 0;
	}

	#follow(step: () => void): void {
		const before = this.#following;
		this.#following = true;
		try {
			step();
		} finally {
			this.#following = before;
		}
	}
}

type Loaded = [number, number, Buffer[], (Buffer | Buffer[])[], Buffer[]];
