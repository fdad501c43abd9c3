/** Makes the message for the broker from the node's settings and the message of the flow. */

import type { NodeMessage } from "node-red";
import { FlowbrokerError, type Message, type MessageProperties } from "../../broker";
import { flagOf, qosOf, textOf, wholeOf } from "../values";
import type { OutProperties } from "./properties";
import { parseUserProperties, type UserProperties, userPropertiesOf } from "./user-properties";

/** Settings that a node has, read once; what is undefined is left to the message. */
export interface OutSettings {
	readonly topic: string | undefined;
	readonly qos: Message["qos"] | undefined;
	readonly retain: boolean | undefined;
	readonly properties: MessageProperties;
}

/** @throws FlowbrokerError OPTION_INVALID when the user properties are no JSON object */
export function outSettings(raw: Readonly<Partial<Record<keyof OutProperties, unknown>>>): OutSettings {
	return {
		topic: textOf(raw.topic),
		qos: qosOf(raw.qos),
		// A false that is no text is what old flows have where nothing was chosen.
		retain: raw.retain === false ? undefined : flagOf(raw.retain),
		properties: propertiesOf({
			responseTopic: raw.respTopic,
			correlationData: raw.correl,
			contentType: raw.contentType,
			messageExpiryInterval: raw.expiry,
			userProperties: parseUserProperties(raw.userProps),
		}),
	};
}

/**
 * The node's setting counts before the message, and the message before the default; user properties of both are
 * joined, and for the same name the node's counts.
 * @returns undefined when the message has no payload: there is nothing to publish then
 * @throws FlowbrokerError TOPIC_INVALID without any topic, PAYLOAD_INVALID for an object that JSON can't hold
 */
export function outgoingMessage(settings: OutSettings, message: NodeMessage): Message | undefined {
	if (!Object.hasOwn(message, "payload")) return undefined;
	const properties: MessageProperties = { ...propertiesOf(message), ...settings.properties };
	const userProperties = joined(userPropertiesOf(message.userProperties), settings.properties.userProperties);
	if (userProperties) properties.userProperties = userProperties;
	let topic: unknown = settings.topic ?? message.topic;
	if (!topic && properties.responseTopic) {
		// An answer: it goes where the question asked for it.
		topic = properties.responseTopic;
		delete properties.responseTopic;
	}
	return {
		topic: checkedTopic(topic),
		payload: bytesOf(message.payload),
		qos: settings.qos ?? qosOf(message.qos) ?? 0,
		retain: settings.retain ?? flagOf(message.retain) ?? false,
		...(Object.keys(properties).length > 0 && { properties }),
	};
}

/** Takes over what has the right type; as in Node-RED's own node, what has not is left out. */
function propertiesOf(raw: Readonly<Record<string, unknown>>): MessageProperties {
	const responseTopic = textOf(raw.responseTopic);
	const contentType = textOf(raw.contentType);
	const correlationData = correlationDataOf(raw.correlationData);
	const messageExpiryInterval = wholeOf(raw.messageExpiryInterval);
	const payloadFormatIndicator = flagOf(raw.payloadFormatIndicator);
	const userProperties = userPropertiesOf(raw.userProperties);
	return {
		...(responseTopic !== undefined && { responseTopic }),
		...(contentType !== undefined && { contentType }),
		...(correlationData !== undefined && { correlationData }),
		...(messageExpiryInterval !== undefined && { messageExpiryInterval }),
		...(payloadFormatIndicator !== undefined && { payloadFormatIndicator }),
		...(userProperties !== undefined && { userProperties }),
	};
}

function correlationDataOf(value: unknown): Buffer | undefined {
	if (typeof value === "string" && value !== "") return Buffer.from(value);
	return value instanceof Uint8Array ? Buffer.from(value) : undefined;
}

function joined(one: UserProperties | undefined, other: UserProperties | undefined): UserProperties | undefined {
	return one && other ? { ...one, ...other } : (one ?? other);
}

function checkedTopic(topic: unknown): string {
	if (typeof topic === "string" && topic !== "") return topic;
	throw new FlowbrokerError(
		"TOPIC_INVALID",
		topic === undefined || topic === null || topic === ""
			? "The message can't be published: neither the node nor msg.topic says a topic."
			: "The message can't be published: msg.topic is not a text.",
	);
}

/** A copy where the flow could change the bytes afterwards: the broker may keep them. */
function bytesOf(payload: unknown): Buffer {
	if (payload === null || payload === undefined) return Buffer.alloc(0);
	if (Buffer.isBuffer(payload)) return Buffer.from(payload);
	if (typeof payload !== "object") return Buffer.from(String(payload));
	try {
		return Buffer.from(JSON.stringify(payload));
	} catch (error) {
		const sentence = "The payload can't be published: it is an object that can't be written as JSON.";
		throw new FlowbrokerError("PAYLOAD_INVALID", sentence, error);
	}
}
