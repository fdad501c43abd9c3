/** What the config node offers to the nodes that use it. */

import type { Node, NodeAPI, NodeStatus } from "node-red";
import { FlowbrokerError, type HostedBroker } from "../broker";
import type { RemoteOptions } from "./broker/remote/remote-options";
import type { FlowClient } from "./flow-client";
import type { LoopGuard } from "./loop-guard";
import { nodeTypes } from "./node-types";

/** Ends and begins the connection to another broker by message. */
export interface ConnectionControl {
	/**
	 * Resolves when connected.
	 * @param settings `msg.broker`: settings in place of those of the node
	 * @throws FlowbrokerError OPTION_INVALID, ACTION_INVALID, or why the first attempt failed
	 */
	connect(settings?: unknown): Promise<void>;
	disconnect(): Promise<void>;
}

/** A topic whose retained message tells that a connection stands, and what it says. */
export interface Presence {
	readonly topic: string;
	readonly online: string;
	readonly offline: string;
}

/** How the broker is doing, as its users see it. */
export interface BrokerView {
	readonly status: NodeStatus;
	/** `undefined` while the broker does not run. After a restart it is another one. */
	readonly client: FlowClient | undefined;
}

/** What the nodes that publish and subscribe need of a broker. */
export interface FlowBroker {
	/** Of the config node. */
	readonly id: string;
	/** `undefined` for a broker in this process, and while there is none. */
	readonly connection: ConnectionControl | undefined;
	/** Knows what comes back to the flow that has published it. */
	readonly loops: LoopGuard;
	/** Of a connection to another broker that has birth message and will. */
	readonly presence: Presence | undefined;
	/**
	 * Calls back at once and then at every change, until the returned function is called.
	 * @returns ends it; `removed` tells that the node that watches was taken out of the flow
	 */
	watch(watcher: (view: BrokerView) => void): (removed?: boolean) => void;
	/** Waits while the broker starts. Rejects with a {@link FlowbrokerError} when it does not run. */
	whenReady(): Promise<FlowClient>;
}

export interface BrokerNode extends Node, HostedBroker, Omit<FlowBroker, "id"> {
	/** The settings of the connection to another broker; `undefined` for a broker in this process, or wrong settings. */
	readonly remote: RemoteOptions | undefined;
}

/** @throws FlowbrokerError BROKER_MISSING when the id stands for no broker that is enabled */
export function findBroker(RED: NodeAPI, id: unknown): BrokerNode {
	const node = typeof id === "string" && id !== "" ? RED.nodes.getNode(id) : undefined;
	if (node?.type === nodeTypes.broker) return node as BrokerNode;
	throw new FlowbrokerError(
		"BROKER_MISSING",
		"The node has no broker, or its broker was removed or disabled. Open the node and choose one.",
	);
}
