/** The actions `connect` and `disconnect`, which flows know from Node-RED's own MQTT nodes. */

import type { NodeMessage } from "node-red";
import { FlowbrokerError } from "../broker";

/**
 * Nodes of an embedded broker have no connection: they are in the same process. `connect` is therefore already done
 * while the broker runs; everything else is refused in words that say what to do instead.
 * @param others the other actions of the node
 * @throws FlowbrokerError ACTION_INVALID, BROKER_STOPPED
 */
export function checkConnectionAction(message: NodeMessage, running: boolean, others: readonly string[]): void {
	const { action } = message;
	if (action === "connect") {
		if (message.broker) {
			throw invalid(
				"The settings of an embedded broker can't be changed by a message. Change them in the broker's node.",
			);
		}
		if (running) return;
		throw new FlowbrokerError("BROKER_STOPPED", "The broker does not run, so there is nothing to connect to.");
	}
	if (action === "disconnect") {
		throw invalid(
			"An embedded broker has no connection to end. To receive nothing, unsubscribe; to stop the broker, disable its node.",
		);
	}
	const known = ["connect", ...others].join(", ");
	const shown = typeof action === "string" ? `"${action}"` : String(action);
	throw invalid(`msg.action is ${shown}, which this node does not know. It knows ${known}.`);
}

function invalid(sentence: string): FlowbrokerError {
	return new FlowbrokerError("ACTION_INVALID", sentence);
}
