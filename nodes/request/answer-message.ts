/** Puts an answer into the message that asked for it. */

import type { NodeMessage } from "node-red";
import type { Delivery } from "../../broker";
import { payloadOf } from "../in/payload";
import type { Datatype } from "../in/properties";

/** Properties of a message that tell something about its payload: those of the request are not true of the answer. */
const aboutThePayload = ["contentType", "userProperties", "messageExpiryInterval", "payloadFormatIndicator"] as const;

/**
 * The message goes on as it came, with the payload of the answer: whoever asked, over HTTP for example, can be answered.
 * `responseTopic` and `correlationData` stay, too: a flow that asks another one in order to answer needs its own.
 * @param topic that was asked
 * @throws FlowbrokerError PAYLOAD_INVALID; the message is then as it was
 */
export function answerMessage(
	message: NodeMessage,
	topic: string,
	{ payload, qos, retain, properties = {} }: Delivery,
	datatype: Datatype,
): NodeMessage {
	const value = payloadOf(payload, datatype, properties);
	for (const name of aboutThePayload) delete message[name];
	const { responseTopic: _, correlationData: __, ...rest } = properties;
	return Object.assign(message, { topic, payload: value, qos, retain, ...structuredClone(rest) });
}
