/** Writes the packets that a server sends. */

import type { QoS } from "../message";
import { type PropertyValues, writeProperties } from "./property-values";
import { varintLength, writeVarint } from "./varint";

/** The types of short answers, with their flags. */
export const answer = { puback: 0x40, pubrec: 0x50, pubrel: 0x62, pubcomp: 0x70 } as const;

const PINGRESP = Buffer.from([0xd0, 0]);

export interface OutgoingPublish {
	/** Empty where the alias stands for it. */
	readonly topic: string;
	readonly payload: Buffer;
	readonly qos: QoS;
	readonly retain: boolean;
	readonly dup: boolean;
	/** With QoS 1 and 2. */
	readonly packetId: number;
	readonly properties: PropertyValues | undefined;
}

export function encodePublish(packet: OutgoingPublish, v5: boolean): Buffer {
	const { topic, payload, qos, packetId } = packet;
	const topicLength = Buffer.byteLength(topic);
	const properties = v5 && packet.properties ? writeProperties(packet.properties) : undefined;
	const propertiesLength = v5 ? (properties?.length ?? 1) : 0;
	const rest = 2 + topicLength + (qos > 0 ? 2 : 0) + propertiesLength + payload.length;
	const bytes = Buffer.allocUnsafe(1 + varintLength(rest) + rest);
	bytes[0] = 0x30 | (packet.dup ? 8 : 0) | (qos << 1) | (packet.retain ? 1 : 0);
	let at = writeVarint(bytes, 1, rest);
	bytes[at] = topicLength >> 8;
	bytes[at + 1] = topicLength & 0xff;
	at += 2;
	bytes.write(topic, at, topicLength, "utf8");
	at += topicLength;
	if (qos > 0) {
		bytes[at] = packetId >> 8;
		bytes[at + 1] = packetId & 0xff;
		at += 2;
	}
	if (properties) at += properties.copy(bytes, at);
	else if (v5) bytes[at++] = 0;
	payload.copy(bytes, at);
	return bytes;
}

/** PUBACK, PUBREC, PUBREL or PUBCOMP. @param reasonCode only MQTT 5 has them, and lets 0 go */
export function encodeAnswer(
	first: number,
	packetId: number,
	v5: boolean,
	reasonCode = 0,
	properties?: PropertyValues,
): Buffer {
	if (!v5 || reasonCode === 0) {
		const bytes = Buffer.allocUnsafe(4);
		bytes[0] = first;
		bytes[1] = 2;
		bytes[2] = packetId >> 8;
		bytes[3] = packetId & 0xff;
		return bytes;
	}
	if (properties) return packet(first, [uint16(packetId), Buffer.from([reasonCode]), writeProperties(properties)]);
	return Buffer.from([first, 3, packetId >> 8, packetId & 0xff, reasonCode]);
}

export function encodePingresp(): Buffer {
	return PINGRESP;
}

/** @param code a return code before MQTT 5 */
export function encodeConnack(code: number, sessionPresent: boolean, v5: boolean, properties?: PropertyValues): Buffer {
	const head = Buffer.from([sessionPresent ? 1 : 0, code]);
	return packet(0x20, v5 ? [head, writeProperties(properties)] : [head]);
}

/** SUBACK. @param codes one for each filter */
export function encodeSuback(packetId: number, codes: readonly number[], v5: boolean): Buffer {
	return packet(0x90, [uint16(packetId), ...(v5 ? [writeProperties(undefined)] : []), Buffer.from(codes)]);
}

/** UNSUBACK. MQTT 3 has no codes. */
export function encodeUnsuback(packetId: number, codes: readonly number[], v5: boolean): Buffer {
	return packet(0xb0, [uint16(packetId), ...(v5 ? [writeProperties(undefined), Buffer.from(codes)] : [])]);
}

/** Only MQTT 5 has one from the server. */
export function encodeDisconnect(reasonCode: number, properties?: PropertyValues): Buffer {
	return packet(0xe0, [Buffer.from([reasonCode]), ...(properties ? [writeProperties(properties)] : [])]);
}

export function encodeAuth(reasonCode: number, properties: PropertyValues): Buffer {
	return packet(0xf0, [Buffer.from([reasonCode]), writeProperties(properties)]);
}

function packet(first: number, parts: readonly Buffer[]): Buffer {
	const rest = parts.reduce((sum, part) => sum + part.length, 0);
	const bytes = Buffer.allocUnsafe(1 + varintLength(rest) + rest);
	bytes[0] = first;
	let at = writeVarint(bytes, 1, rest);
	for (const part of parts) at += part.copy(bytes, at);
	return bytes;
}

function uint16(value: number): Buffer {
	return Buffer.from([value >> 8, value & 0xff]);
}
