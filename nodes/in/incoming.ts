/** Makes the message of the flow from a message of the broker. */

import type { NodeMessage } from "node-red";
import type { Message } from "../../broker";
import { payloadOf } from "./payload";
import type { Datatype } from "./properties";

/**
 * What the broker delivers is shared by all its subscribers, and flows change what they get: everything is a copy.
 * @throws FlowbrokerError PAYLOAD_INVALID
 */
export function incomingMessage(message: Message, datatype: Datatype): NodeMessage {
	return {
		...withoutPayload(message),
		payload: payloadOf(message.payload, datatype, message.properties),
		// Node-RED's own node adds it for a broker on the same machine.
		_topic: message.topic,
	};
}

/** The message that goes with an error: with the bytes as they came. */
export function undecoded(message: Message): NodeMessage {
	return { ...withoutPayload(message), payload: Buffer.from(message.payload) };
}

function withoutPayload({ topic, qos, retain, properties = {} }: Message): NodeMessage {
	const { correlationData, userProperties, ...rest } = properties;
	return {
		topic,
		qos,
		retain,
		...rest,
		...(correlationData && { correlationData: Buffer.from(correlationData) }),
		...(userProperties && { userProperties: structuredClone(userProperties) }),
	};
}
