/** Node-RED's own `mqtt-broker` config node, as far as other nodes are meant to use it. */

import type { Node, NodeStatus } from "node-red";
import type { MessageProperties } from "../../broker";
import type { LoopGuard } from "../loop-guard";

export const coreBrokerType = "mqtt-broker";

/** Who uses the connection: it is told the state of the connection as a status. */
export interface CoreUser {
	readonly id: string;
	status(status: NodeStatus): void;
}

/** A message as the nodes of Node-RED have it: the properties of MQTT 5 stand beside the payload. */
export interface CoreMessage {
	readonly topic: string;
	readonly payload: Buffer;
	readonly qos: number;
	readonly retain: boolean;
	readonly [property: string]: unknown;
}

/** A PUBLISH packet of MQTT.js. */
export interface CorePacket {
	readonly qos: 0 | 1 | 2;
	readonly retain: boolean;
	readonly properties?: MessageProperties & { subscriptionIdentifier?: number | number[] };
}

export interface CoreSubscribeOptions {
	readonly qos: number;
	readonly nl?: boolean;
	readonly rap?: boolean;
	readonly rh?: number;
	readonly properties?: object;
}

export interface CoreBrokerNode extends Node {
	readonly connected: boolean;
	readonly connecting: boolean;
	/** What a broker of MQTT 5 has said at CONNECT. */
	readonly serverProperties?: Readonly<Record<string, unknown>>;
	v5(): boolean;
	/** Connects when it is the first user. */
	register(user: CoreUser): void;
	/** @param removed the node is gone for good: the last one ends the connection */
	deregister(user: CoreUser, done: () => void, removed: boolean): void;
	/** @param ref who subscribes */
	subscribe(
		topic: string,
		options: CoreSubscribeOptions,
		receive: (topic: string, payload: Buffer, packet: CorePacket) => void,
		ref: string,
	): void;
	unsubscribe(topic: string, ref: string, removed: boolean): void;
	/** Does nothing, and never calls back, while there is no connection. */
	publish(message: CoreMessage, done: (error?: Error | string | null) => void): void;
	canConnect(): boolean;
	connect(done: () => void): void;
	disconnect(done: () => void): void;
	setOptions(options: object): void;
	/** Not Node-RED's: kept here so that all nodes of this package that use the connection share it. */
	flowbrokerLoops?: LoopGuard;
}
