/** Reads and writes the property section of MQTT 5 packets, by the table of properties. */

import { type PropertyName, properties, propertyById } from "./properties";
import { type Pair, pairsOf, type UserProperties, userPropertiesOf } from "./user-properties";
import { readVarint, varintLength, writeVarint } from "./varint";

/** The properties of one packet. */
export interface PropertyValues extends UserProperties {
	payloadFormatIndicator?: boolean;
	messageExpiryInterval?: number;
	contentType?: string;
	responseTopic?: string;
	correlationData?: Buffer;
	subscriptionIdentifier?: number;
	sessionExpiryInterval?: number;
	assignedClientIdentifier?: string;
	serverKeepAlive?: number;
	authenticationMethod?: string;
	authenticationData?: Buffer;
	requestProblemInformation?: boolean;
	willDelayInterval?: number;
	requestResponseInformation?: boolean;
	responseInformation?: string;
	serverReference?: string;
	reasonString?: string;
	receiveMaximum?: number;
	topicAliasMaximum?: number;
	topicAlias?: number;
	maximumQos?: number;
	retainAvailable?: boolean;
	maximumPacketSize?: number;
	wildcardSubscriptionAvailable?: boolean;
	subscriptionIdentifierAvailable?: boolean;
	sharedSubscriptionAvailable?: boolean;
}

type Value = boolean | number | string | Buffer;

/**
 * @param at where the section begins, with its length
 * @returns where it ends; no values where there are none. The bytes must have been checked.
 */
export function readProperties(bytes: Buffer, at: number): { end: number; values: PropertyValues | undefined } {
	const length = readVarint(bytes, at);
	const end = at + varintLength(length) + length;
	if (length === 0) return { end, values: undefined };
	const values: PropertyValues = {};
	const found = values as Record<string, Value>;
	let pairs: Pair[] | undefined;
	let next = end - length;
	while (next < end) {
		const property = propertyById[bytes[next++] as number];
		if (!property) break;
		switch (property.type) {
			case "flag":
				found[property.name] = bytes[next++] === 1;
				break;
			case "byte":
				found[property.name] = bytes[next++] as number;
				break;
			case "uint16":
				found[property.name] = bytes.readUInt16BE(next);
				next += 2;
				break;
			case "uint32":
				found[property.name] = bytes.readUInt32BE(next);
				next += 4;
				break;
			case "varint": {
				const value = readVarint(bytes, next);
				found[property.name] = value;
				next += varintLength(value);
				break;
			}
			case "text":
			case "topic": {
				const from = next + 2;
				next = from + bytes.readUInt16BE(next);
				found[property.name] = bytes.toString("utf8", from, next);
				break;
			}
			case "binary": {
				const from = next + 2;
				next = from + bytes.readUInt16BE(next);
				// Its own memory: it may be kept longer than the packet.
				found[property.name] = Buffer.from(bytes.subarray(from, next));
				break;
			}
			case "pair": {
				const nameAt = next + 2;
				const nameEnd = nameAt + bytes.readUInt16BE(next);
				const valueAt = nameEnd + 2;
				next = valueAt + bytes.readUInt16BE(nameEnd);
				pairs ??= [];
				pairs.push([bytes.toString("utf8", nameAt, nameEnd), bytes.toString("utf8", valueAt, next)]);
				break;
			}
		}
	}
	return { end, values: pairs ? { ...values, ...userPropertiesOf(pairs) } : values };
}

const NO_PROPERTIES = Buffer.from([0]);

/** @returns the whole section, with its length */
export function writeProperties(values: PropertyValues | undefined): Buffer {
	if (!values) return NO_PROPERTIES;
	const parts: Buffer[] = [];
	for (const name of Object.keys(values) as (keyof PropertyValues)[]) {
		if (name === "userProperties" || name === "userPropertyOrder") continue;
		const value = values[name];
		if (value !== undefined) parts.push(oneProperty(name, value));
	}
	for (const [name, value] of pairsOf(values)) {
		parts.push(Buffer.from([properties.userProperty.id]), sized(Buffer.from(name)), sized(Buffer.from(value)));
	}
	const body = Buffer.concat(parts);
	const section = Buffer.allocUnsafe(varintLength(body.length) + body.length);
	body.copy(section, writeVarint(section, 0, body.length));
	return section;
}

function oneProperty(name: PropertyName & keyof PropertyValues, value: Value): Buffer {
	const { id, type } = properties[name];
	switch (type) {
		case "flag":
			return Buffer.from([id, value ? 1 : 0]);
		case "byte":
			return Buffer.from([id, value as number]);
		case "uint16": {
			const bytes = Buffer.from([id, 0, 0]);
			bytes.writeUInt16BE(value as number, 1);
			return bytes;
		}
		case "uint32": {
			const bytes = Buffer.from([id, 0, 0, 0, 0]);
			bytes.writeUInt32BE(value as number, 1);
			return bytes;
		}
		case "varint": {
			const bytes = Buffer.allocUnsafe(1 + varintLength(value as number));
			bytes[0] = id;
			writeVarint(bytes, 1, value as number);
			return bytes;
		}
		default: {
			const content = typeof value === "string" ? Buffer.from(value) : (value as Buffer);
			return Buffer.concat([Buffer.from([id]), sized(content)]);
		}
	}
}

/** Behind the two bytes of its length. */
function sized(content: Buffer): Buffer {
	const bytes = Buffer.allocUnsafe(2 + content.length);
	bytes.writeUInt16BE(content.length, 0);
	content.copy(bytes, 2);
	return bytes;
}
