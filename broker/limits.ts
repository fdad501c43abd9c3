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
	/** Messages that may wait for one session. */
	readonly queuedMessages: number;
	/** Bytes that may wait for one session. */
	readonly queuedBytes: number;
	/** Which message goes when the queue of a session is full; `newest` is what Mosquitto does. */
	readonly queueDrops: "oldest" | "newest";
	/** Topics with a retained message. */
	readonly retainedMessages: number;
	/** Bytes of all retained messages together. */
	readonly retainedBytes: number;
	/** QoS 2 messages that a client may have sent without releasing them. */
	readonly unreleased: number;
	/** Subscriptions of one client. */
	readonly subscriptions: number;
}

type NumberLimit = Exclude<keyof LimitOptions, "queueDrops">;

/** Smallest, default and largest value of each limit. */
const ranges = {
	packetSize: [128, 1_048_576, 268_435_460],
	connectTimeout: [1, 10, 3_600],
	clientBuffer: [1_024, 1_048_576, 1_073_741_824],
	topicLevels: [1, 100, 100],
	queuedMessages: [1, 1_000, 10_000_000],
	queuedBytes: [1_024, 8_388_608, 4_294_967_296],
	retainedMessages: [0, 100_000, 100_000_000],
	retainedBytes: [0, 67_108_864, 4_294_967_296],
	unreleased: [1, 100, 65_535],
	subscriptions: [1, 1_000, 1_000_000],
} as const satisfies Record<NumberLimit, readonly [least: number, usual: number, most: number]>;

export const defaultLimits: LimitOptions = parseLimits({});

/** @throws FlowbrokerError OPTION_INVALID */
export function parseLimits(input: unknown): LimitOptions {
	const given = record(input ?? {}, "limits");
	known(given, [...Object.keys(ranges), "queueDrops"], "limits.");
	const limit = (name: NumberLimit): number => {
		const [least, usual, most] = ranges[name];
		return whole(given[name] ?? usual, `limits.${name}`, least, most);
	};
	return {
		packetSize: limit("packetSize"),
		connectTimeout: limit("connectTimeout"),
		clientBuffer: limit("clientBuffer"),
		topicLevels: limit("topicLevels"),
		queuedMessages: limit("queuedMessages"),
		queuedBytes: limit("queuedBytes"),
		queueDrops: oneOf(given.queueDrops ?? "newest", "limits.queueDrops", ["oldest", "newest"]),
		retainedMessages: limit("retainedMessages"),
		retainedBytes: limit("retainedBytes"),
		unreleased: limit("unreleased"),
		subscriptions: limit("subscriptions"),
	};
}
