/** What a broker tells its surroundings: plain data, never live objects. */

import type { BanView } from "./access/ban-view";
import type { FileProblem } from "./access/file-problem";
import type { BridgeState } from "./bridge/bridge-options";
import type { CertifiedListener } from "./certificate-watch";
import type { Denial } from "./denial-log";
import type { Traffic } from "./engine/traffic";
import type { ListenerState } from "./listeners/listener";
import type { Message, QoS } from "./message";
import type { StoreProblem } from "./store/problem";
import type { QueueLimit } from "./store/store";

/** What a client has sent (`in`) and got (`out`) since it connected. */
export interface ClientTraffic {
	/** PUBLISH packets. */
	readonly messagesIn: number;
	readonly messagesOut: number;
	/** Bytes of all packets. */
	readonly bytesIn: number;
	readonly bytesOut: number;
}

export function clientTraffic({ messagesIn, messagesOut, bytesIn, bytesOut }: Readonly<Traffic>): ClientTraffic {
	return { messagesIn, messagesOut, bytesIn, bytesOut };
}

/** A client as people see it. */
export interface ClientInfo {
	readonly id: string;
	/** `null` for a client that gave no user name. */
	readonly user: string | null;
	readonly address: string;
	readonly listener: string;
	/** 3 is MQTT 3.1, 4 is 3.1.1, 5 is 5.0. */
	readonly protocolVersion: 3 | 4 | 5;
	/** Seconds. */
	readonly keepalive: number;
	readonly clean: boolean;
	/** Milliseconds since 1970. */
	readonly connectedAt: number;
	readonly traffic: ClientTraffic;
	readonly subscriptions: ReadonlyArray<{ readonly filter: string; readonly qos: QoS }>;
}

/** The origin of what the broker publishes by itself, below `$SYS/`. */
export const BROKER_ORIGIN = "broker";

/** Event names and their arguments, for `broker.events.on(name, listener)`. */
export interface BrokerEventMap {
	/** The broker went from one state to another. */
	state: [state: BrokerState];
	/** A listener came up, or went down with an error. */
	listener: [listener: ListenerState];
	clientConnected: [client: ClientInfo];
	clientDisconnected: [client: ClientInfo, reason: string];
	/** A connection that ended before it was logged in; with `count` that many of them, in place of one event each. */
	clientRefused: [
		refusal: { address: string; listener: string; clientId: string | undefined; reason: string; count?: number },
	];
	subscribed: [client: ClientInfo, subscriptions: ReadonlyArray<{ filter: string; qos: QoS }>];
	unsubscribed: [client: ClientInfo, filters: readonly string[]];
	/** Something that a client was not allowed to do. The same is told once a minute at the most. */
	denied: [denial: Denial];
	/** The file with users and rules, or with Mosquitto's passwords or rules, has a problem. */
	accessProblem: [problem: FileProblem];
	/**
	 * Every accepted publication. `clientId` is undefined for those from this process, which have an `origin`: what
	 * the broker tells of itself has {@link BROKER_ORIGIN}.
	 */
	published: [message: Message, clientId: string | undefined, user: string | null, origin: string | undefined];
	/** Messages that a client did not get because it reads too slowly. */
	dropped: [client: ClientInfo, count: number];
	/**
	 * Messages for a session were dropped: too many wait for it, or for `all` sessions together. The first is told at
	 * once, others in sums every 10 seconds, as with the events below. `null` stands for several clients.
	 */
	queueFull: [clientId: string | null, full: QueueLimit, count: number];
	/** Retained messages were not kept because there are too many; the topic is the last one's. */
	retainedFull: [topic: string, count: number];
	/** A client sent more than its limits allow in a second, so that the broker reads from it more slowly. */
	clientSlowed: [client: ClientInfo, count: number];
	/** Somebody is kept out for a while: by an administrator, or for too many wrong passwords. */
	banned: [ban: BanView, count: number];
	/** The certificate of a listener expires within 30 days; told again when 14, 7, 3, 2, 1 and 0 are left. */
	certificateEnding: [listener: CertifiedListener];
	/** Something is wrong with the store on the disk, or is right again. */
	storeProblem: [problem: StoreProblem];
	/** A session was given up because its client did not come back in time. */
	sessionExpired: [clientId: string];
	/** A bridge came up, went down, or found something wrong; also how many messages wait, once a second at the most. */
	bridge: [state: BridgeState];
	/** A fault that belongs to no client. */
	fault: [error: Error];
}

export type BrokerState = "stopped" | "starting" | "running" | "stopping";
