/** A received message as one JSON value, as Mosquitto's `%j` and `%J` write it. Pure. */

import type { IPublishPacket } from "mqtt-packet";
import { jsonTime, type Moment } from "./time-format";

export interface JsonOptions {
	/** The payload is JSON itself, and becomes a part of the value. */
	readonly parse: boolean;
	/** Over several lines. */
	readonly pretty: boolean;
}

/** @returns `undefined` when the payload is to be parsed and is no JSON */
export function jsonMessage(
	packet: IPublishPacket,
	moment: Moment,
	{ parse, pretty }: JsonOptions,
): string | undefined {
	const text = packet.payload.toString();
	const payload = parse ? parsed(text) : text;
	if (payload === undefined) return undefined;
	const properties = propertiesOf(packet);
	const value = {
		tst: jsonTime(moment),
		topic: packet.topic,
		qos: packet.qos,
		retain: Number(packet.retain),
		payloadlen: Buffer.byteLength(packet.payload),
		...(packet.qos > 0 && { mid: packet.messageId }),
		...(Object.keys(properties).length > 0 && { properties }),
		payload,
	};
	return JSON.stringify(value, undefined, pretty ? "\t" : undefined);
}

/** In the order in which they came, as mosquitto_sub has them. */
function propertiesOf({ properties = {} }: IPublishPacket): Record<string, unknown> {
	const found: Record<string, unknown> = {};
	for (const [key, value] of Object.entries(properties)) {
		const name = names[key];
		if (name === undefined) continue;
		if (Buffer.isBuffer(value)) found[name] = value.toString();
		else found[name] = typeof value === "boolean" ? Number(value) : value;
	}
	return found;
}

/** MQTT.js's word -> mosquitto_sub's. */
const names: Readonly<Record<string, string>> = {
	contentType: "content-type",
	userProperties: "user-properties",
	responseTopic: "response-topic",
	correlationData: "correlation-data",
	payloadFormatIndicator: "payload-format-indicator",
	messageExpiryInterval: "message-expiry-interval",
	topicAlias: "topic-alias",
	subscriptionIdentifier: "subscription-identifier",
};

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
