/** Records as lines of JSON. A line is an array; its first element says what follows. */

import type { MessageProperties, QoS } from "../../message";
import type { StoreRecord } from "../record";
import type { QueuedMessage, StoredMessage, StoredSubscription } from "../store";
import type { Frame, FrameBuffer } from "./frame";

const RETAIN = 4;
const NO_LOCAL = 4;
const RETAIN_AS_PUBLISHED = 8;

/** Adds the record to what is to be written. */
export function addRecord(to: FrameBuffer, record: StoreRecord): void {
	switch (record.kind) {
		case "retained":
			to.add(["m", ...messageLine(record.message)], record.message.payload);
			break;
		case "cleared":
			to.add(["c", record.topic]);
			break;
		case "session":
			to.add(["s", record.clientId, record.user, record.patience]);
			break;
		case "away":
			to.add(["a", record.clientId, record.expiresAt]);
			break;
		case "dropped":
			to.add(["d", record.clientId]);
			break;
		case "subscribed":
			to.add(["+", record.clientId, ...subscriptionLine(record.subscription)]);
			break;
		case "unsubscribed":
			to.add(["-", record.clientId, record.filter]);
			break;
		case "queued":
			to.add(["q", record.clientId, ...entryLine(record.entry)], record.entry.message.payload);
			break;
		case "sent":
			to.add(["p", record.clientId, record.key, record.packetId]);
			break;
		case "released":
			to.add(["r", record.clientId, record.key]);
			break;
		case "unqueued":
			to.add(["u", record.clientId, record.key]);
			break;
		case "received":
			to.add(["i", record.clientId, record.packetId]);
			break;
		case "completed":
			to.add(["o", record.clientId, record.packetId]);
			break;
		case "will": {
			const { clientId, will } = record;
			to.add(["w", clientId, will.delay, will.user, ...messageLine(will)], will.payload);
			break;
		}
		case "willOver":
			to.add(["x", record.clientId]);
			break;
	}
}

/** A message whose payload is that of the last one before it, in the same file, with the same key. */
export function addShared(to: FrameBuffer, { clientId, entry }: StoreRecord & { kind: "queued" }): void {
	to.add(["=", clientId, ...entryLine(entry)]);
}

/**
 * @param payloadOf finds the payload of the last message with that key
 * @returns undefined for a line that is no record
 */
export function recordOf(
	{ line, payload }: Frame,
	payloadOf: (key: string) => Buffer | undefined,
): StoreRecord | undefined {
	if (!Array.isArray(line) || typeof line[1] !== "string") return undefined;
	const [type, id, ...rest] = line as [unknown, string, ...unknown[]];
	switch (type) {
		case "m":
			return { kind: "retained", message: messageOf([id, ...rest], ownBytes(payload)) };
		case "c":
			return { kind: "cleared", topic: id };
		case "s":
			return { kind: "session", clientId: id, user: rest[0] as string | null, patience: rest[1] as number };
		case "a":
			return { kind: "away", clientId: id, expiresAt: rest[0] as number | null };
		case "d":
			return { kind: "dropped", clientId: id };
		case "+":
			return { kind: "subscribed", clientId: id, subscription: subscriptionOf(rest) };
		case "-":
			return { kind: "unsubscribed", clientId: id, filter: rest[0] as string };
		case "q":
			return { kind: "queued", clientId: id, entry: entryOf(rest, ownBytes(payload)) };
		case "=": {
			const shared = payloadOf(rest[0] as string);
			return shared && { kind: "queued", clientId: id, entry: entryOf(rest, shared) };
		}
		case "p":
			return { kind: "sent", clientId: id, key: rest[0] as string, packetId: rest[1] as number };
		case "r":
			return { kind: "released", clientId: id, key: rest[0] as string };
		case "u":
			return { kind: "unqueued", clientId: id, key: rest[0] as string };
		case "i":
			return { kind: "received", clientId: id, packetId: rest[0] as number };
		case "o":
			return { kind: "completed", clientId: id, packetId: rest[0] as number };
		case "w": {
			const { topic, payload: bytes, qos, retain, properties } = messageOf(rest.slice(2), ownBytes(payload));
			const [delay, user] = rest as [number, string | null];
			const will = { topic, payload: bytes, qos, retain, delay, user, ...(properties && { properties }) };
			return { kind: "will", clientId: id, will };
		}
		case "x":
			return { kind: "willOver", clientId: id };
		default:
			return undefined;
	}
}

/** Topic, flags, and where there are any: expiry and properties. */
function messageLine({ topic, qos, retain, expiresAt, properties }: StoredMessage): unknown[] {
	const line: unknown[] = [topic, qos | (retain ? RETAIN : 0)];
	if (expiresAt === undefined && !properties) return line;
	line.push(expiresAt ?? null);
	if (properties) line.push(propertiesLine(properties));
	return line;
}

function messageOf(line: readonly unknown[], payload: Buffer): StoredMessage {
	const [topic, flags, expiresAt, properties] = line as [string, number, (number | null)?, object?];
	const message: StoredMessage = {
		topic,
		payload,
		qos: (flags & 3) as QoS,
		retain: (flags & RETAIN) !== 0,
	};
	if (typeof expiresAt === "number") message.expiresAt = expiresAt;
	if (properties) message.properties = propertiesOf(properties);
	return message;
}

/** JSON has no bytes. */
function propertiesLine(properties: MessageProperties): object {
	const { correlationData } = properties;
	return correlationData ? { ...properties, correlationData: correlationData.toString("base64") } : properties;
}

function propertiesOf(line: object): MessageProperties {
	const { correlationData } = line as { correlationData?: string };
	return correlationData === undefined
		? (line as MessageProperties)
		: { ...line, correlationData: Buffer.from(correlationData, "base64") };
}

function subscriptionLine(subscription: StoredSubscription): unknown[] {
	const { filter, qos, noLocal, retainAsPublished, retainHandling, identifier } = subscription;
	const flags = qos | (noLocal ? NO_LOCAL : 0) | (retainAsPublished ? RETAIN_AS_PUBLISHED : 0) | (retainHandling << 4);
	return identifier === undefined ? [filter, flags] : [filter, flags, identifier];
}

function subscriptionOf(line: readonly unknown[]): StoredSubscription {
	const [filter, flags, identifier] = line as [string, number, number?];
	return {
		filter,
		qos: (flags & 3) as QoS,
		noLocal: (flags & NO_LOCAL) !== 0,
		retainAsPublished: (flags & RETAIN_AS_PUBLISHED) !== 0,
		retainHandling: (flags >> 4) as 0 | 1 | 2,
		...(identifier !== undefined && { identifier }),
	};
}

function entryLine({ key, message, packetId, released }: QueuedMessage): unknown[] {
	return [key, packetId ?? 0, released ? 1 : 0, ...messageLine(message)];
}

function entryOf(line: readonly unknown[], payload: Buffer): QueuedMessage {
	const [key, packetId, released, ...message] = line as [string, number, number, ...unknown[]];
	return { key, message: messageOf(message, payload), packetId: packetId || undefined, released: released === 1 };
}

/** A copy: the large piece of memory that was read from the file is to be freed. */
function ownBytes(bytes: Buffer): Buffer {
	return Buffer.from(bytes);
}
