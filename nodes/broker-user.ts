/** What the in and the out node have in common: they belong to a broker and show how it is doing. */

import type { Node, NodeAPI, NodeStatus } from "node-red";
import { type FlowbrokerError, toFlowbrokerError } from "../broker";
import { type BrokerView, type FlowBroker, findBroker } from "./broker-node";
import type { CoreBrokerNode } from "./core-broker/core-node";
import { coreBrokerType } from "./core-broker/core-node";
import type { FlowClient } from "./flow-client";
import { problemStatus, translator } from "./status";

/** A node together with its broker. */
export interface BrokerUser {
	readonly broker: FlowBroker;
	/** Shows a problem of the node, as long as it lasts, in place of the broker's state. */
	show(problem: FlowbrokerError | undefined): void;
	/** Says something of the node while all is well, in place of the broker's state. */
	note(status: NodeStatus | undefined): void;
}

/**
 * Finds the broker and shows its state as the node's status, until the node is closed.
 * @param onClient called with the client when the broker starts, `undefined` when it stops or the node is closed; an
 * error that it throws is told in the log and in the status
 * @throws FlowbrokerError BROKER_MISSING
 */
export function joinBroker(
	RED: NodeAPI,
	node: Node,
	brokerId: unknown,
	onClient: (client: FlowClient | undefined) => void,
): BrokerUser {
	const broker = brokerFor(RED, node, brokerId);
	let client: FlowClient | undefined;
	let problem: FlowbrokerError | undefined;
	let note: NodeStatus | undefined;
	let last: BrokerView | undefined;
	const showAll = () => {
		if (problem) node.status(problemStatus(problem, translator(RED)));
		else if (last) node.status(note && isWell(last.status) ? note : last.status);
	};
	const end = broker.watch((view) => {
		last = view;
		if (view.client !== client) {
			client = view.client;
			problem = undefined;
			try {
				onClient(client);
			} catch (error) {
				problem = toFlowbrokerError(error, "ENGINE_FAULT", "The node could not join its broker.");
				node.error(problem.message);
			}
		}
		showAll();
	});
	node.on("close", (removed: boolean, done: () => void) => {
		onClient(undefined);
		end(removed);
		done();
	});
	return {
		broker,
		show(next) {
			problem = next;
			showAll();
		},
		note(next) {
			note = next;
			showAll();
		},
	};
}

/** Also one of Node-RED's own config nodes. */
function brokerFor(RED: NodeAPI, node: Node, id: unknown): FlowBroker {
	const found = typeof id === "string" && id !== "" ? RED.nodes.getNode(id) : undefined;
	if (found?.type !== coreBrokerType) return findBroker(RED, id);
	// Only here: it brings the queue of messages to another broker, which most flows do not need.
	const { coreBroker } = require("./core-broker/core-broker") as typeof import("./core-broker/core-broker");
	return coreBroker(found as CoreBrokerNode, node.id, translator(RED));
}

function isWell(status: NodeStatus): boolean {
	return typeof status === "object" && status.fill === "green";
}

/** Makes a node ready for work; when that fails, tells why in the log and in the status. */
export function prepare(RED: NodeAPI, node: Node, work: () => void): void {
	try {
		work();
	} catch (error) {
		const problem = toFlowbrokerError(error, "ENGINE_FAULT", "The node could not be made ready.");
		node.error(problem.message);
		node.status(problemStatus(problem, translator(RED)));
	}
}
