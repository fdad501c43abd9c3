/** The actions `connect` and `disconnect`, which flows know from Node-RED's own MQTT nodes. */

import type { NodeMessage } from "node-red";
import { FlowbrokerError } from "../broker";
import type { FlowBroker } from "./broker-node";

/**
 * Does the action, if the message asks for one of the two.
 *
 * Nodes of an embedded broker have no connection: they are in the same process. `connect` is therefore already done
 * while the broker runs; everything else is refused in words that say what to do instead.
 * @returns resolves when it is done; `undefined` for any other action
 * @throws FlowbrokerError ACTION_INVALID, BROKER_STOPPED, OPTION_INVALID, or why the connection failed
 */
export function connectionAction(
	message: NodeMessage,
	broker: FlowBroker,
	running: boolean,
): Promise<void> | undefined {
	const { action } = message;
	if (action !== "connect" && action !== "disconnect") return undefined;
	if (!running) {
		throw new FlowbrokerError("BROKER_STOPPED", "The broker does not run, so there is nothing to connect to.");
	}
	const { connection } = broker;
	if (connection) return action === "connect" ? connection.connect(message.broker) : connection.disconnect();
	if (action === "disconnect") {
		throw invalid(
			"An embedded broker has no connection to end. To receive nothing, unsubscribe; to stop the broker, disable its node.",
		);
	}
	if (!message.broker) return Promise.resolve();
	throw invalid("The settings of an embedded broker can't be changed by a message. Change them in the broker's node.");
}

/** @param others what the node knows beside `connect` and `disconnect` */
export function unknownAction({ action }: NodeMessage, others: readonly string[]): FlowbrokerError {
	const known = ["connect", "disconnect", ...others].join(", ");
	const shown = typeof action === "string" ? `"${action}"` : String(action);
	return invalid(`msg.action is ${shown}, which this node does not know. It knows ${known}.`);
}

function invalid(sentence: string): FlowbrokerError {
	return new FlowbrokerError("ACTION_INVALID", sentence);
}
