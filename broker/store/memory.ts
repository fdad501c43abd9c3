/** A store that lives as long as the process. */

import { absenteesOf, leftWillsOf } from "./away";
import { isExpired } from "./expiry";
import type { MessageQueue } from "./queue";
import { QueueRoom } from "./queue-room";
import { queueTargets } from "./queue-targets";
import type { StoreRecord } from "./record";
import { isOfBroker, size } from "./retained-tree";
import type { Session } from "./session";
import { StoreState } from "./state";
import {
	type Absentee,
	FOR_EVER,
	isOwnSession,
	type LeftWill,
	type QueueBounds,
	type QueuedMessage,
	type QueueLimit,
	type QueueTarget,
	type Store,
	type StoredMessage,
	type StoredSubscription,
	type StoredWill,
	type StoreEvents,
	type StoreLimits,
} from "./store";
import { Sweeper } from "./sweeper";

/** Decides what changes; {@link StoreState} does it. */
export class MemoryStore implements Store {
	#state = new StoreState();
	readonly #limits: StoreLimits;
	readonly #events: StoreEvents;
	readonly #now: () => number;
	readonly #room: QueueRoom;
	readonly #sweeper = new Sweeper(() => this.#sweep());
	/** Hears of every change that is to outlive the process. */
	protected journal: ((record: StoreRecord) => void) | undefined;

	/** @param now milliseconds since 1970 */
	constructor(limits: StoreLimits, events: StoreEvents, now: () => number = Date.now) {
		this.#limits = limits;
		this.#room = new QueueRoom(limits);
		this.#events = events;
		this.#now = now;
	}

	async open(): Promise<void> {
		this.#sweeper.start();
	}

	async close(): Promise<void> {
		this.#sweeper.stop();
	}

	get writesBehind(): boolean {
		return false;
	}

	flushed(): Promise<void> | undefined {
		return undefined;
	}

	get congested(): boolean {
		return false;
	}

	get retainedCount(): number {
		return this.#state.retained.count;
	}

	get retainedBytes(): number {
		return this.#state.retained.bytes;
	}

	retain(message: StoredMessage): boolean {
		const before = this.#state.retained.get(message.topic);
		if (message.payload.length === 0) {
			if (before) this.#change({ kind: "cleared", topic: message.topic });
			return true;
		}
		const { ofClients } = this.#state.retained;
		const count = ofClients.count + (before ? 0 : 1);
		const bytes = ofClients.bytes + size(message) - (before ? size(before) : 0);
		const isTooMuch = count > this.#limits.retainedMessages || bytes > this.#limits.retainedBytes;
		if (isTooMuch && !isOfBroker(message.topic)) {
			this.#events.retainedFull(message);
			return false;
		}
		this.#change({ kind: "retained", message });
		return true;
	}

	retained(filters: readonly string[]): StoredMessage[] {
		const now = this.#now();
		const found = new Set(filters.flatMap((filter) => this.#state.retained.select(filter)));
		for (const message of found) {
			if (!isExpired(message, now)) continue;
			found.delete(message);
			this.#change({ kind: "cleared", topic: message.topic });
		}
		return [...found];
	}

	keepSession(clientId: string, user: string | null, patience: number): void {
		const session = this.#state.sessions.get(clientId);
		const lasting = session?.lasting ?? false;
		const isSame = session?.user === user && session.patience === patience && session.expiresAt === undefined;
		if (lasting && isSame) return;
		this.#change({ kind: "session", clientId, user, patience });
		// What came in before anybody knew that the session is to last.
		if (!lasting)
			for (const packetId of session?.incoming ?? []) this.journal?.({ kind: "received", clientId, packetId });
	}

	leaveSession(clientId: string, patience?: number): void {
		const session = this.#state.sessions.get(clientId);
		if (!session) return;
		const seconds = patience ?? session.patience ?? FOR_EVER;
		const expiresAt = seconds >= FOR_EVER ? null : this.#now() + seconds * 1_000;
		this.#change({ kind: "away", clientId, expiresAt });
	}

	absentees(): Absentee[] {
		return absenteesOf(this.#state, this.#now());
	}

	sessionUser(clientId: string): string | null | undefined {
		return this.#state.sessions.get(clientId)?.user;
	}

	hasSession(clientId: string): boolean {
		return this.#state.sessions.has(clientId);
	}

	dropSession(clientId: string): void {
		if (this.#state.sessions.has(clientId)) this.#change({ kind: "dropped", clientId });
	}

	subscribe(clientId: string, subscriptions: readonly StoredSubscription[]): void {
		for (const subscription of subscriptions) this.#change({ kind: "subscribed", clientId, subscription });
	}

	unsubscribe(clientId: string, filters: readonly string[]): void {
		const subscriptions = this.#state.sessions.get(clientId)?.subscriptions;
		for (const filter of filters)
			if (subscriptions?.has(filter)) this.#change({ kind: "unsubscribed", clientId, filter });
	}

	subscriptions(clientId: string): StoredSubscription[] {
		return [...(this.#state.sessions.get(clientId)?.subscriptions.values() ?? [])];
	}

	targets(topic: string): QueueTarget[] {
		return queueTargets(this.#state.lasting.match(topic));
	}

	get queuedCount(): number {
		return this.#state.queueMemory.messages;
	}

	get queuedBytes(): number {
		return this.#state.queueMemory.bytes;
	}

	boundQueue(session: string, bounds: QueueBounds): void {
		const found = this.#state.sessions.get(session);
		if (found) found.bounds = bounds;
	}

	queueLength(clientId: string): number {
		return this.#state.sessions.get(clientId)?.queue.count ?? 0;
	}

	enqueue(clientId: string, entry: QueuedMessage, reading = false): boolean {
		const session = this.#state.sessions.get(clientId);
		const full = session && this.#makeRoom(clientId, session, entry.message, reading);
		if (full) {
			this.#tellFull(clientId, session, entry.message, full);
			return false;
		}
		this.#change({ kind: "queued", clientId, entry });
		return true;
	}

	queue(clientId: string): QueuedMessage[] {
		const session = this.#state.sessions.get(clientId);
		if (!session) return [];
		this.#removeExpired(clientId, session);
		return [...session.queue.entries()];
	}

	inFlight(clientId: string): QueuedMessage[] {
		return this.#queueOf(clientId)?.inFlight ?? [];
	}

	nextUnsent(clientId: string): QueuedMessage | undefined {
		const queue = this.#queueOf(clientId);
		let entry = queue?.nextUnsent;
		if (!entry || !queue?.hasExpired(this.#now())) return entry;
		for (const now = this.#now(); entry && isExpired(entry.message, now); entry = queue.nextUnsent) {
			this.#change({ kind: "unqueued", clientId, key: entry.key });
		}
		return entry;
	}

	mayUse(clientId: string, packetId: number, key: string): boolean {
		const entry = this.#queueOf(clientId)?.withPacketId(packetId);
		return entry === undefined || entry.key === key;
	}

	sent(clientId: string, key: string, packetId: number): boolean {
		if (!this.#queueOf(clientId)?.has(key)) return false;
		this.#change({ kind: "sent", clientId, key, packetId });
		return true;
	}

	discard(clientId: string, key: string): boolean {
		if (!this.#queueOf(clientId)?.has(key)) return false;
		this.#change({ kind: "unqueued", clientId, key });
		return true;
	}

	released(clientId: string, packetId: number): boolean {
		const entry = this.#queueOf(clientId)?.withPacketId(packetId);
		if (!entry) return false;
		if (!entry.released) this.#change({ kind: "released", clientId, key: entry.key });
		return true;
	}

	acknowledged(clientId: string, packetId: number): QueuedMessage | undefined {
		const entry = this.#queueOf(clientId)?.withPacketId(packetId);
		if (entry) this.#change({ kind: "unqueued", clientId, key: entry.key });
		return entry;
	}

	receive(clientId: string, packetId: number, most: number): boolean {
		if ((this.#state.sessions.get(clientId)?.incoming.size ?? 0) >= most) return false;
		this.#change({ kind: "received", clientId, packetId });
		return true;
	}

	hasReceived(clientId: string, packetId: number): boolean {
		return this.#state.sessions.get(clientId)?.incoming.has(packetId) ?? false;
	}

	release(clientId: string, packetId: number): boolean {
		if (!this.hasReceived(clientId, packetId)) return false;
		this.#change({ kind: "completed", clientId, packetId });
		return true;
	}

	keepWill(clientId: string, will: StoredWill): void {
		this.#change({ kind: "will", clientId, will });
	}

	will(clientId: string): StoredWill | undefined {
		return this.#state.wills.get(clientId);
	}

	dropWill(clientId: string): void {
		if (this.#state.wills.has(clientId)) this.#change({ kind: "willOver", clientId });
	}

	leftWills(): readonly LeftWill[] {
		return [];
	}

	/** Does what the record says, unheard. */
	protected apply(record: StoreRecord): void {
		this.#state.apply(record);
	}

	/** @see {@link StoreState.records} */
	protected records(): Generator<StoreRecord> {
		return this.#state.records(this.#now());
	}

	/** Does the payload wait for a session already, perhaps for several? */
	protected isShared(payload: Buffer): boolean {
		return this.#state.queueMemory.isShared(payload);
	}

	/** An empty store. */
	protected forgetAll(): void {
		this.#state = new StoreState();
	}

	/** As if a process ended that nobody saw leave: sessions wait from now on, and those of no lasting kind are gone. */
	protected leaveAll(): void {
		for (const [clientId, session] of [...this.#state.sessions]) {
			if (!session.lasting) this.dropSession(clientId);
			else if (session.expiresAt === undefined) this.leaveSession(clientId);
		}
	}

	/** Wills of clients that are away, with the moment when each is due. */
	protected wills(): LeftWill[] {
		return leftWillsOf(this.#state, this.#now());
	}

	/** Every change of state comes through here. */
	#change(record: StoreRecord): void {
		this.#state.apply(record);
		if (this.journal && this.#isLasting(record)) this.journal(record);
	}

	/** A session that ends with its connection is nobody's business after the process. */
	#isLasting(record: StoreRecord): boolean {
		switch (record.kind) {
			case "received":
			case "completed":
			case "queued":
				return this.#state.sessions.get(record.clientId)?.lasting ?? false;
			default:
				return true;
		}
	}

	/** Removes what is expired, for those who never ask for it; pauses after each message that it looks at. */
	*#sweep(): Generator<void> {
		const now = this.#now();
		for (const message of this.#state.retained.expired(now)) {
			if (message) this.#change({ kind: "cleared", topic: message.topic });
			yield;
		}
		for (const [clientId, { queue, expiresAt }] of this.#state.sessions) {
			for (const entry of queue.expired(now)) {
				if (entry) this.#change({ kind: "unqueued", clientId, key: entry.key });
				yield;
			}
			// Those of clients end when their engine says so.
			if (isOwnSession(clientId) && (expiresAt ?? Number.POSITIVE_INFINITY) <= now) this.dropSession(clientId);
			yield;
		}
	}

	#queueOf(clientId: string): MessageQueue | undefined {
		return this.#state.sessions.get(clientId)?.queue;
	}

	/** @returns which limit leaves none for the message; undefined when there is room */
	#makeRoom(clientId: string, session: Session, message: StoredMessage, reading: boolean): QueueLimit | undefined {
		const room = this.#room;
		let full = room.whatIsFull(session, message, reading);
		if (!full) return undefined;
		if (size(message) > room.mostToGain(session, full)) return full;
		this.#removeExpired(clientId, session);
		for (full = room.whatIsFull(session, message, reading); full; full = room.whatIsFull(session, message, reading)) {
			const victim = room.drops(session) === "oldest" ? session.queue.nextUnsent : undefined;
			if (!victim) return full;
			this.#change({ kind: "unqueued", clientId, key: victim.key });
			this.#tellFull(clientId, session, victim.message, full);
		}
		return undefined;
	}

	#tellFull(clientId: string, { bounds }: Session, message: StoredMessage, full: QueueLimit): void {
		if (bounds) bounds.dropped(message);
		else this.#events.queueFull(clientId, message, full);
	}

	#removeExpired(clientId: string, { queue }: Session): void {
		for (const entry of queue.expired(this.#now())) {
			if (entry) this.#change({ kind: "unqueued", clientId, key: entry.key });
		}
	}
}
