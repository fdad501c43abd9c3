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

function propertiesOf({ properties }: IPublishPacket): Record<string, unknown> {
	if (!properties) return {};
	const all = {
		"content-type": properties.contentType,
		"user-properties": properties.userProperties,
		"response-topic": properties.responseTopic,
		"correlation-data": properties.correlationData?.toString(),
		"payload-format-indicator":
			properties.payloadFormatIndicator === undefined ? undefined : Number(properties.payloadFormatIndicator),
		"message-expiry-interval": properties.messageExpiryInterval,
		"topic-alias": properties.topicAlias,
		"subscription-identifier": properties.subscriptionIdentifier,
	};
	return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
