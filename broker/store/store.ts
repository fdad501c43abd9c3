/**
 * Where retained messages and sessions are kept. Everything is answered from memory, synchronously; an implementation
 * that keeps things longer than the process writes behind.
 * test/broker/store/store.suite.ts states how a store must behave.
 */

import type { LimitOptions } from "../limits";
import type { Message, QoS } from "../message";
import type { StoreProblem } from "./problem";

/** Seconds that mean for ever. [MQTT 5, 3.1.2.11.2] */
export const FOR_EVER = 0xffff_ffff;

/**
 * The broker's own sessions, such as those of its bridges, have names that begin with it. No client can have such an
 * id. [MQTT-1.5.4-2]
 */
const OWN = "\0";

export function ownSession(name: string): string {
	return OWN + name;
}

export function isOwnSession(clientId: string): boolean {
	return clientId.startsWith(OWN);
}

/** A message with the moment after which it must not be delivered any more. */
export interface StoredMessage extends Message {
	/** Milliseconds since 1970; undefined for a message that does not expire. */
	expiresAt?: number;
}

/** A subscription of a session that outlives its connection. */
export interface StoredSubscription {
	readonly filter: string;
	readonly qos: QoS;
	readonly noLocal: boolean;
	readonly retainAsPublished: boolean;
	readonly retainHandling: 0 | 1 | 2;
	/** MQTT 5 subscription identifier. */
	readonly identifier?: number;
}

/** A message on its way to one session. */
export interface QueuedMessage {
	/** Names the publication, unique in the queue. */
	readonly key: string;
	readonly message: StoredMessage;
	/** Set once the message was sent: a second sending carries DUP. */
	packetId: number | undefined;
	/** QoS 2: the receiver has the message, what is left is PUBREL. */
	released: boolean;
}

/** What the broker publishes for a client that was lost. */
export interface StoredWill extends Message {
	/** Seconds after the loss, unless the client comes back before. */
	readonly delay: number;
	/** Whose it is; `null` for an anonymous client. */
	readonly user: string | null;
}

/** A session whose client is away. */
export interface Absentee {
	readonly clientId: string;
	/** That it still waits: 0 or less when its time is over, 4,294,967,295 or more for ever. */
	readonly seconds: number;
}

/** A will that a broker before this one left behind. */
export interface LeftWill {
	readonly clientId: string;
	readonly will: StoredWill;
	/** Milliseconds since 1970. */
	readonly dueAt: number;
}

/** Who gets a publication into its queue, and with what. */
export interface QueueTarget {
	readonly clientId: string;
	/** The highest of the session's matching subscriptions. */
	readonly qos: QoS;
	readonly noLocal: boolean;
	readonly retainAsPublished: boolean;
	readonly identifier?: number;
}

/** What may be kept; over a limit something is dropped, counted and told. */
export type StoreLimits = Pick<
	LimitOptions,
	"queuedMessages" | "queuedBytes" | "allQueuedBytes" | "queueDrops" | "retainedMessages" | "retainedBytes"
>;

/** What may wait in the queue of one of the broker's own sessions. */
export interface QueueBounds {
	readonly messages: number;
	/** Of topics, payloads and properties; in memory it may be twice as much. */
	readonly bytes: number;
	/** Which go when there is no room. */
	readonly drops: "newest" | "oldest";
	/** Called in place of {@link StoreEvents.queueFull}. */
	dropped(message: StoredMessage): void;
}

/** What is full: the queue of a `session` by its own limits, or the memory for `all` queues together. */
export type QueueLimit = "session" | "all";

/** What a store tells; called synchronously. */
export interface StoreEvents {
	/** A message for a session was dropped because there is no room for it. */
	queueFull(clientId: string, message: StoredMessage, full: QueueLimit): void;
	/** A retained message was not kept because there are too many. */
	retainedFull(message: StoredMessage): void;
	/** Something is wrong with what lies on the disk, or is right again. */
	problem(problem: StoreProblem): void;
}

export interface Store {
	/** @throws FlowbrokerError STORE_LOCKED, STORE_TOO_NEW, STORE_UNUSABLE */
	open(): Promise<void>;
	close(): Promise<void>;

	/**
	 * Does it take time until a change is safe? If not, nobody has to ask {@link Store.flushed}.
	 */
	readonly writesBehind: boolean;
	/**
	 * Resolves when everything that was changed so far is as safe as the store promises; never rejects, and stays
	 * pending while the disk refuses. undefined where there is nothing to wait for.
	 */
	flushed(): Promise<void> | undefined;
	/** So much waits for the disk that new messages have to wait, too; {@link Store.flushed} tells when it is over. */
	readonly congested: boolean;

	/** Keeps the message for its topic; one without payload clears the topic. @returns false when it was not kept */
	retain(message: StoredMessage): boolean;
	/** Retained messages that any of the filters selects, once each; expired ones are not among them. */
	retained(filters: readonly string[]): StoredMessage[];
	readonly retainedCount: number;
	readonly retainedBytes: number;

	/**
	 * Makes sure that the session exists and belongs to the user: also one without subscriptions can be resumed. Its
	 * client is here.
	 * @param patience seconds that the session waits when its client is away; 4,294,967,295 is for ever
	 */
	keepSession(clientId: string, user: string | null, patience: number): void;
	/** The client of the session has gone: it waits from now on. @param patience in place of what was said before */
	leaveSession(clientId: string, patience?: number): void;
	/** Sessions of clients that wait for them. */
	absentees(): Absentee[];
	/** @returns `null` for the session of an anonymous client, undefined where there is no session */
	sessionUser(clientId: string): string | null | undefined;
	hasSession(clientId: string): boolean;
	/** Forgets subscriptions, queue and half-done QoS 2 messages of the session. */
	dropSession(clientId: string): void;
	subscribe(clientId: string, subscriptions: readonly StoredSubscription[]): void;
	unsubscribe(clientId: string, filters: readonly string[]): void;
	subscriptions(clientId: string): StoredSubscription[];
	/** The sessions with a subscription of QoS 1 or 2 that selects the topic, once each. */
	targets(topic: string): QueueTarget[];

	/** Messages in the queues of all clients: one that waits for two counts twice. */
	readonly queuedCount: number;
	/** Bytes of memory that they take; a payload that waits for several sessions is there once. */
	readonly queuedBytes: number;
	/** Limits for one of the broker's own sessions; those for the queues of clients do not touch it. */
	boundQueue(session: string, bounds: QueueBounds): void;
	/** Messages that wait for one session, or lack their acknowledgement. */
	queueLength(clientId: string): number;
	/**
	 * @param reading the client is connected and reads: ten times as many messages may wait for it, within the same bytes
	 * @returns false when the message was dropped instead
	 */
	enqueue(clientId: string, entry: QueuedMessage, reading?: boolean): boolean;
	/** The queue, oldest first, without expired messages. */
	queue(clientId: string): QueuedMessage[];
	/**
	 * The oldest message that was not sent and is not expired; costs the same however long the queue is. To send a whole
	 * queue: ask for it, say that it was {@link Store.sent}, and ask again.
	 */
	nextUnsent(clientId: string): QueuedMessage | undefined;
	/** What was sent and not acknowledged, in the order of sending: it is to be sent again to a client that returns. */
	inFlight(clientId: string): QueuedMessage[];
	/** Is the packet id free, or that of this very message? */
	mayUse(clientId: string, packetId: number, key: string): boolean;
	/** The message was sent under this packet id. @returns false for an unknown message */
	sent(clientId: string, key: string, packetId: number): boolean;
	/** The client is not to get the message at all: it is too large for it, or not allowed. @returns false for an unknown one */
	discard(clientId: string, key: string): boolean;
	/** The receiver of a QoS 2 message has it. @returns false for an unknown packet id */
	released(clientId: string, packetId: number): boolean;
	/** The receiver is done with the message. @returns the message */
	acknowledged(clientId: string, packetId: number): QueuedMessage | undefined;

	/**
	 * A QoS 2 message came in, and is not to be taken again until it is released.
	 * @param most messages that may wait
	 * @returns false when so many wait already
	 */
	receive(clientId: string, packetId: number, most: number): boolean;
	hasReceived(clientId: string, packetId: number): boolean;
	/** @returns false for an unknown packet id */
	release(clientId: string, packetId: number): boolean;

	/** What is to be published when the client is lost. */
	keepWill(clientId: string, will: StoredWill): void;
	will(clientId: string): StoredWill | undefined;
	/** The will was published, or is not wanted any more. */
	dropWill(clientId: string): void;
	/** The wills that were kept when the store was opened. */
	leftWills(): readonly LeftWill[];
}
