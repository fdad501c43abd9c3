/** What has become of a message, for the flow. */

import type { NodeMessage } from "node-red";
import type { FlowbrokerError, Message } from "../../broker";
import type { PublishResult } from "../flow-client";

/** A new message: the one that came in may be on its way to a Catch or a Complete node. */
export function resultMessage(
	message: NodeMessage,
	{ qos }: Message,
	error: FlowbrokerError | undefined,
	{ reasonCode }: PublishResult = {},
): NodeMessage {
	const told = reasonCode !== undefined && { reasonCode };
	const result = error
		? { state: "failed", code: error.code, message: error.message, ...told }
		: { state: qos === 0 ? "sent" : "acknowledged", ...told };
	return { ...message, result };
}

export function queuedMessage(message: NodeMessage): NodeMessage {
	return { ...message, result: { state: "queued" } };
}
