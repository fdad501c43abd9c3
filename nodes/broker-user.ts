/** What the in and the out node have in common: they belong to a broker and show how it is doing. */

import type { Node, NodeAPI } from "node-red";
import { type FlowbrokerError, type LocalClient, toFlowbrokerError } from "../broker";
import { type BrokerNode, findBroker } from "./broker-node";
import { problemStatus, translator } from "./status";

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
	onClient: (client: LocalClient | undefined) => void,
): BrokerNode {
	const broker = findBroker(RED, brokerId);
	let client: LocalClient | undefined;
	let problem: FlowbrokerError | undefined;
	const end = broker.watch((view) => {
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
		node.status(problem ? problemStatus(problem, translator(RED)) : view.status);
	});
	node.on("close", () => {
		end();
		onClient(undefined);
	});
	return broker;
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
