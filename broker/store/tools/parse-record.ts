/** Makes records of the lines of an export. */

import type { MessageProperties, QoS } from "../../message";
import type { StoreRecord } from "../record";
import type { QueuedMessage, StoredMessage } from "../store";
import { type Fields, LineProblem } from "./fields";

const MESSAGE = ["topic", "payload", "payloadBase64", "qos", "retain", "expiresAt", "properties"];
const LONGEST = 0xffff_ffff;
const LAST_PACKET_ID = 65_535;
/** The highest subscription identifier. [MQTT 5, 3.8.2.1.2] */
const MOST_ID = 268_435_455;

/** @throws LineProblem */
export function parseRecord(line: Fields): StoreRecord {
	const kind = line.text("kind");
	switch (kind) {
		case "retained":
			line.known("kind", ...MESSAGE);
			return { kind, message: parseMessage(line) };
		case "session":
			line.known("kind", "clientId", "user", "patience");
			return {
				kind,
				clientId: line.text("clientId"),
				user: line.textOrNull("user"),
				patience: line.whole("patience", 0, LONGEST),
			};
		case "away":
			line.known("kind", "clientId", "expiresAt");
			return { kind, clientId: line.text("clientId"), expiresAt: parseEnd(line) };
		case "subscribed":
			return { kind, clientId: line.text("clientId"), subscription: parseSubscription(line) };
		case "queued":
			return { kind, clientId: line.text("clientId"), entry: parseEntry(line) };
		case "received":
			line.known("kind", "clientId", "packetId");
			return { kind, clientId: line.text("clientId"), packetId: line.whole("packetId", 1, LAST_PACKET_ID) };
		case "will": {
			line.known("kind", "clientId", "delay", "user", ...MESSAGE);
			const will = { ...parseMessage(line), delay: line.whole("delay", 0, LONGEST), user: line.textOrNull("user") };
			return { kind, clientId: line.text("clientId"), will };
		}
		default:
			throw new LineProblem(
				`"kind" must be retained, session, away, subscribed, queued, received or will, not ${JSON.stringify(kind)}`,
			);
	}
}

/** Null for a session that waits for ever. */
function parseEnd(line: Fields): number | null {
	return line.isNull("expiresAt") ? null : line.date("expiresAt");
}

function parseSubscription(line: Fields) {
	line.known("kind", "clientId", "filter", "qos", "noLocal", "retainAsPublished", "retainHandling", "identifier");
	return {
		filter: line.filter("filter"),
		qos: line.whole("qos", 0, 2) as QoS,
		noLocal: line.flag("noLocal"),
		retainAsPublished: line.flag("retainAsPublished"),
		retainHandling: line.whole("retainHandling", 0, 2) as 0 | 1 | 2,
		...(line.has("identifier") && { identifier: line.whole("identifier", 1, MOST_ID) }),
	};
}

function parseEntry(line: Fields): QueuedMessage {
	line.known("kind", "clientId", "key", "packetId", "released", ...MESSAGE);
	const isSent = line.has("packetId");
	return {
		key: line.text("key"),
		message: parseMessage(line),
		packetId: isSent ? line.whole("packetId", 1, LAST_PACKET_ID) : undefined,
		released: isSent && line.flag("released"),
	};
}

function parseMessage(line: Fields): StoredMessage {
	if (line.has("payload") === line.has("payloadBase64")) {
		throw new LineProblem('it must have either "payload" or "payloadBase64"');
	}
	return {
		topic: line.topic("topic"),
		payload: line.has("payload") ? Buffer.from(line.text("payload")) : line.base64("payloadBase64"),
		qos: line.whole("qos", 0, 2) as QoS,
		retain: line.flag("retain"),
		...(line.has("expiresAt") && { expiresAt: line.date("expiresAt") }),
		...(line.has("properties") && { properties: parseProperties(line.inner("properties")) }),
	};
}

function parseProperties(given: Fields): MessageProperties {
	const texts = ["responseTopic", "contentType"] as const;
	const others = ["messageExpiryInterval", "subscriptionIdentifier", "correlationData", "userProperties"];
	given.known("payloadFormatIndicator", ...texts, ...others);
	return {
		...Object.fromEntries(texts.filter((name) => given.has(name)).map((name) => [name, given.text(name)])),
		...(given.has("messageExpiryInterval") && {
			messageExpiryInterval: given.whole("messageExpiryInterval", 0, LONGEST),
		}),
		...(given.has("subscriptionIdentifier") && {
			subscriptionIdentifier: given.wholes("subscriptionIdentifier", 1, MOST_ID),
		}),
		...(given.has("payloadFormatIndicator") && { payloadFormatIndicator: given.flag("payloadFormatIndicator") }),
		...(given.has("correlationData") && { correlationData: given.base64("correlationData") }),
		...(given.has("userProperties") && { userProperties: given.texts("userProperties") }),
	};
}
