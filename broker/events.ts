/** What a broker tells its surroundings: plain data, never live objects. */

import type { ListenerState } from "./listeners/listener";
import type { Message, QoS } from "./message";

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
	readonly subscriptions: ReadonlyArray<{ readonly filter: string; readonly qos: QoS }>;
}

/** Event names and their arguments, for `broker.events.on(name, listener)`. */
export interface BrokerEventMap {
	/** The broker went from one state to another. */
	state: [state: BrokerState];
	/** A listener came up, or went down with an error. */
	listener: [listener: ListenerState];
	clientConnected: [client: ClientInfo];
	clientDisconnected: [client: ClientInfo, reason: string];
	/** A connection that ended before it was logged in. */
	clientRefused: [refusal: { address: string; listener: string; clientId: string | undefined; reason: string }];
	subscribed: [client: ClientInfo, subscriptions: ReadonlyArray<{ filter: string; qos: QoS }>];
	unsubscribed: [client: ClientInfo, filters: readonly string[]];
	denied: [client: ClientInfo, action: "publish" | "subscribe" | "receive", topic: string, reason: string];
	/** Every accepted publication; `clientId` is undefined for those from this process. */
	published: [message: Message, clientId: string | undefined];
	/** Messages that a client did not get because it reads too slowly. */
	dropped: [client: ClientInfo, count: number];
	/** A message for a session was dropped because too many wait for it. */
	queueFull: [clientId: string];
	/** A retained message was not kept because there are too many. */
	retainedFull: [topic: string];
	/** A fault that belongs to no client. */
	fault: [error: Error];
}

export type BrokerState = "stopped" | "starting" | "running" | "stopping";
