/** What a broker said at CONNECT about the messages that it takes, and which messages do not fit. */

import { FlowbrokerError, type Message } from "../../../broker";

/** The part of CONNACK's properties that counts for publishing. */
export interface ServerLimits {
	readonly maximumQoS?: number;
	readonly retainAvailable?: boolean;
	readonly maximumPacketSize?: number;
	readonly receiveMaximum?: number;
}

/**
 * For brokers that can't say what they take. Mosquitto takes no more than 20 messages at a time as it comes
 * (`max_inflight_messages`): of a burst of more with QoS 2, version 2.0.11 answers all and loses some.
 */
export const oldServer: ServerLimits = Object.freeze({ receiveMaximum: 20 });

/**
 * A broker ends the connection over a message that it said it would not take, and the message would then be sent again
 * and again: better to find out before.
 * @returns PUBLISH_REFUSED
 */
export function whyNotSendable(message: Message, limits: ServerLimits): FlowbrokerError | undefined {
	const { maximumQoS = 2, retainAvailable = true, maximumPacketSize } = limits;
	if (message.qos > maximumQoS) {
		return refused(message, `it takes QoS ${maximumQoS} at the most, and the message has QoS ${message.qos}`);
	}
	if (message.retain && !retainAvailable) return refused(message, "it keeps no retained messages");
	if (maximumPacketSize === undefined) return undefined;
	const size = packetSize(message);
	return size > maximumPacketSize
		? refused(message, `it takes ${maximumPacketSize} bytes at the most, and the message has ${size}`)
		: undefined;
}

function refused({ topic }: Message, why: string): FlowbrokerError {
	return new FlowbrokerError("PUBLISH_REFUSED", `The message for "${topic}" can't be sent to this broker: ${why}.`);
}

/** Bytes of the PUBLISH packet in MQTT 5. */
function packetSize({ topic, payload, qos, properties = {} }: Message): number {
	const { payloadFormatIndicator, messageExpiryInterval, responseTopic, correlationData, contentType } = properties;
	let inProperties = 0;
	if (payloadFormatIndicator !== undefined) inProperties += 2;
	if (messageExpiryInterval !== undefined) inProperties += 5;
	if (responseTopic !== undefined) inProperties += 3 + Buffer.byteLength(responseTopic);
	if (correlationData !== undefined) inProperties += 3 + correlationData.length;
	if (contentType !== undefined) inProperties += 3 + Buffer.byteLength(contentType);
	for (const [name, values] of Object.entries(properties.userProperties ?? {})) {
		for (const value of [values].flat()) inProperties += 5 + Buffer.byteLength(name) + Buffer.byteLength(value);
	}
	const rest =
		2 + Buffer.byteLength(topic) + (qos > 0 ? 2 : 0) + lengthBytes(inProperties) + inProperties + payload.length;
	return 1 + lengthBytes(rest) + rest;
}

/** Bytes of a variable byte integer. */
function lengthBytes(value: number): number {
	if (value < 128) return 1;
	if (value < 16_384) return 2;
	return value < 2_097_152 ? 3 : 4;
}
