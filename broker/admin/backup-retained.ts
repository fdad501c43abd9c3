/** Commands that give out retained messages as a backup, part by part, and put them back. */

import { isBrokersOwn } from "../access/decide";
import type { Broker } from "../broker";
import { FlowbrokerError } from "../errors";
import type { Message, QoS } from "../message";
import { isTopicName } from "../topic";
import { type Arguments, invalidArgument, known, optionalText, text, whole } from "./arguments";
import { type PropertiesView, readProperties, viewProperties } from "./message-properties";

export interface RetainedBackup {
	readonly topic: string;
	/** Base64. */
	readonly payload: string;
	readonly qos: QoS;
	readonly properties?: PropertiesView;
}

export interface RetainedPart {
	readonly messages: readonly RetainedBackup[];
	/** To be given as `after` for the next part; `null` at the end. */
	readonly next: string | null;
	/** Topics of messages that are too large for a backup in the browser. */
	readonly tooLarge: readonly string[];
}

/** Messages of one part. */
const MOST = 5_000;
/** Bytes of the payloads of one part, and of one payload: what comes back has to fit into one request. */
const BYTES = 1_500_000;

/** In the order of their topics, without what the broker keeps about itself. @param args `after`: a topic */
export function backUpRetained(broker: Broker, args: Arguments): RetainedPart {
	const after = optionalText(known(args, ["after"]), "after", "");
	const rest = broker
		.retained("#")
		.filter(({ topic }) => topic > after && !isBrokersOwn(topic))
		.sort((a, b) => (a.topic < b.topic ? -1 : 1));
	const messages: RetainedBackup[] = [];
	const tooLarge: string[] = [];
	let bytes = 0;
	for (const [at, message] of rest.entries()) {
		const size = message.payload.length;
		const full = messages.length === MOST || (bytes + size > BYTES && messages.length > 0);
		if (full && size <= BYTES) return { messages, next: rest[at - 1]?.topic ?? null, tooLarge };
		if (size > BYTES) tooLarge.push(message.topic);
		else messages.push(backupOf(message));
		bytes += size > BYTES ? 0 : size;
	}
	return { messages, next: null, tooLarge };
}

/** Publishes the messages anew, to be kept. @param args `messages`: some of {@link backUpRetained} */
export async function restoreRetained(broker: Broker, args: Arguments): Promise<{ readonly restored: number }> {
	const { messages } = known(args, ["messages"]);
	if (!Array.isArray(messages)) throw invalidArgument("messages", "must be a list");
	// All are read before the first is published.
	const read = messages.map(messageOf);
	const client = broker.localClient("admin");
	for (const message of read) {
		await new Promise<void>((resolve, reject) => {
			client.publish(message, (error) => (error ? reject(error) : resolve()));
		});
	}
	return { restored: read.length };
}

function backupOf({ topic, payload, qos, properties }: Message): RetainedBackup {
	const shown = viewProperties(properties);
	return { topic, payload: payload.toString("base64"), qos, ...(shown && { properties: shown }) };
}

function messageOf(value: unknown): Message {
	if (typeof value !== "object" || value === null) throw invalid("A message is not an object");
	const args = known(value as Arguments, ["topic", "payload", "qos", "properties"]);
	const topic = text(args, "topic");
	if (!isTopicName(topic) || isBrokersOwn(topic)) throw invalid(`"${topic.slice(0, 80)}" is no topic for a message`);
	const payload = Buffer.from(text(args, "payload"), "base64");
	const properties = propertiesOf(args.properties);
	return {
		topic,
		payload,
		qos: whole(args, "qos", 0, 2) as QoS,
		retain: true,
		...(properties && { properties }),
	};
}

/** Correlation data may be bytes that are no text. */
function propertiesOf(value: unknown): Message["properties"] {
	if (typeof value !== "object" || value === null) return readProperties(value);
	const { correlationData, ...rest } = value as PropertiesView;
	const properties = readProperties(rest);
	if (typeof correlationData !== "object") return properties;
	const { text: plain, base64 } = correlationData as { readonly text?: unknown; readonly base64?: unknown };
	const data = typeof base64 === "string" ? Buffer.from(base64, "base64") : Buffer.from(String(plain ?? ""));
	return { ...properties, correlationData: data };
}

function invalid(problem: string): FlowbrokerError {
	return new FlowbrokerError("BACKUP_INVALID", `The backup can't be used: ${problem}.`);
}
