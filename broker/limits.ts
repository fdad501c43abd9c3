/** What a client may use of the broker. The defaults suit a Raspberry Pi with a home's devices; each can be set. */

import { known, oneOf, record, whole } from "./parse";

export interface LimitOptions {
	/** Largest packet that a client may send, in bytes. */
	readonly packetSize: number;
	/** Seconds from accept to a complete login. */
	readonly connectTimeout: number;
	/** Bytes that may wait for one slow client: over it QoS 0 messages are dropped, over twice as much the client. */
	readonly clientBuffer: number;
	/** Levels of a topic or topic filter, as in `a/b/c`. */
	readonly topicLevels: number;
	/** Messages that may wait for one session; ten times as many while its client is connected and reads. */
	readonly queuedMessages: number;
	/** Bytes that may wait for one session. */
	readonly queuedBytes: number;
	/**
	 * Bytes of memory that the queues of all sessions together may take, three quarters of it for clients that are away.
	 */
	readonly allQueuedBytes: number;
	/** Which message goes when there is no room in a queue; `newest` is what Mosquitto does. */
	readonly queueDrops: "oldest" | "newest";
	/** Topics with a retained message. */
	readonly retainedMessages: number;
	/** Bytes of all retained messages together. */
	readonly retainedBytes: number;
	/**
	 * QoS 2 messages that an MQTT 5 client may have sent without releasing them: the receive maximum that it is told.
	 * MQTT 3 has no way to tell; of its messages only the packet identifiers are kept, 65,535 at the most.
	 */
	readonly unreleased: number;
	/** Messages of QoS 1 and 2 on their way to one client; its own receive maximum may be lower. The others wait. */
	readonly inflight: number;
	/** Subscriptions of one client, and topic filters of one SUBSCRIBE. */
	readonly subscriptions: number;
	/** PUBLISH packets a second of one client; over it the broker reads more slowly, and loses nothing. 0 is any. */
	readonly messageRate: number;
	/** Bytes a second of one client; over it the broker reads more slowly, and loses nothing. 0 is any. */
	readonly byteRate: number;
	/** Bytes of a client id. */
	readonly clientIdLength: number;
	/** MQTT 5 user properties of one packet. */
	readonly userProperties: number;
	/**
	 * Longest keep alive, in seconds. It also holds for a client that asks for a longer one, or for none (0): silent for
	 * one and a half times as long, it is closed. MQTT 5 clients are told; the others can't be.
	 */
	readonly keepaliveMax: number;
	/** Seconds that a session waits for a client that is away; 4,294,967,295 is for ever. MQTT 5 clients are told. */
	readonly sessionExpiryMax: number;
	/** Sessions that wait for clients that are away; when there are as many, that of the next client to leave ends. */
	readonly absentSessions: number;
	/** Connections of all listeners together. When they are in use, the one that has waited longest for a login makes room. */
	readonly connections: number;
	/** Connections of one address, or of one /64 network of IPv6. Does not hold for this machine itself. */
	readonly connectionsPerAddress: number;
	/** New connections of one address in a second. Does not hold for this machine itself. */
	readonly connectRate: number;
}

type NumberLimit = Exclude<keyof LimitOptions, "queueDrops">;

/** Smallest, default and largest value of each limit. docs/settings.md lists them; a test compares. */
export const limitRanges = {
	packetSize: [128, 1_048_576, 268_435_460],
	connectTimeout: [1, 10, 3_600],
	clientBuffer: [1_024, 1_048_576, 1_073_741_824],
	topicLevels: [1, 100, 100],
	queuedMessages: [1, 1_000, 10_000_000],
	queuedBytes: [1_024, 8_388_608, 4_294_967_296],
	allQueuedBytes: [65_536, 134_217_728, 68_719_476_736],
	retainedMessages: [0, 100_000, 100_000_000],
	retainedBytes: [0, 67_108_864, 4_294_967_296],
	unreleased: [1, 1_000, 65_535],
	inflight: [1, 100, 65_535],
	subscriptions: [1, 1_000, 1_000_000],
	messageRate: [0, 100_000, 100_000_000],
	byteRate: [0, 134_217_728, 4_294_967_296],
	clientIdLength: [23, 256, 65_535],
	userProperties: [0, 100, 65_535],
	keepaliveMax: [1, 65_535, 65_535],
	sessionExpiryMax: [1, 1_209_600, 4_294_967_295],
	absentSessions: [1, 10_000, 10_000_000],
	connections: [1, 1_000, 1_000_000],
	connectionsPerAddress: [1, 250, 1_000_000],
	connectRate: [1, 100, 1_000_000],
} as const satisfies Record<NumberLimit, readonly [least: number, usual: number, most: number]>;

export const defaultLimits: LimitOptions = parseLimits({});

/** @throws FlowbrokerError OPTION_INVALID */
export function parseLimits(input: unknown): LimitOptions {
	const given = record(input ?? {}, "limits");
	known(given, [...Object.keys(limitRanges), "queueDrops"], "limits.");
	const limit = (name: NumberLimit): number => {
		const [least, usual, most] = limitRanges[name];
		return whole(given[name] ?? usual, `limits.${name}`, least, most);
	};
	return {
		packetSize: limit("packetSize"),
		connectTimeout: limit("connectTimeout"),
		clientBuffer: limit("clientBuffer"),
		topicLevels: limit("topicLevels"),
		queuedMessages: limit("queuedMessages"),
		queuedBytes: limit("queuedBytes"),
		allQueuedBytes: limit("allQueuedBytes"),
		queueDrops: oneOf(given.queueDrops ?? "newest", "limits.queueDrops", ["oldest", "newest"]),
		retainedMessages: limit("retainedMessages"),
		retainedBytes: limit("retainedBytes"),
		unreleased: limit("unreleased"),
		inflight: limit("inflight"),
		subscriptions: limit("subscriptions"),
		messageRate: limit("messageRate"),
		byteRate: limit("byteRate"),
		clientIdLength: limit("clientIdLength"),
		userProperties: limit("userProperties"),
		keepaliveMax: limit("keepaliveMax"),
		sessionExpiryMax: limit("sessionExpiryMax"),
		absentSessions: limit("absentSessions"),
		connections: limit("connections"),
		connectionsPerAddress: limit("connectionsPerAddress"),
		connectRate: limit("connectRate"),
	};
}
