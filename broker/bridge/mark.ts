/**
 * The mark that a message carries from broker to broker, in a user property of MQTT 5: who sent it on its way first,
 * which one it was, and how many bridges it has crossed.
 *
 * `<origin>:<number>:<bridges>:<sum>`, the last three hexadecimal. The sum, over topic and payload, tells whether the
 * mark belongs to this message: a flow may copy the user properties of one message to another.
 */

import { crc32 } from "node:zlib";
import type { Message } from "../message";

export const MARK = "flowbroker-bridge";

export interface Mark {
	/** Stands for the broker of the first bridge. */
	readonly origin: string;
	readonly number: number;
	/** Bridges that it has crossed. */
	readonly bridges: number;
}

const form = /^([0-9a-z]{1,32}):([0-9a-f]{1,12}):([0-9a-f]{1,2}):([0-9a-f]{1,8})$/;

/** @returns undefined where there is none, or that of another message */
export function markOf(message: Message): Mark | undefined {
	const text = message.properties?.userProperties?.[MARK];
	if (typeof text !== "string") return undefined;
	const [, origin, number, bridges, sum] = form.exec(text) ?? [];
	if (!origin || !number || !bridges || sum !== sumOf(message)) return undefined;
	return { origin, number: Number.parseInt(number, 16), bridges: Number.parseInt(bridges, 16) };
}

/** A copy with this mark. @param message with the topic under which it is published next */
export function withMark(message: Message, { origin, number, bridges }: Mark): Message {
	const text = `${origin}:${number.toString(16)}:${bridges.toString(16)}:${sumOf(message)}`;
	const userProperties = { ...message.properties?.userProperties, [MARK]: text };
	return { ...message, properties: { ...message.properties, userProperties } };
}

/** A copy without a mark; the message itself where it has none. */
export function withoutMark(message: Message): Message {
	const { userProperties, ...properties } = message.properties ?? {};
	if (!userProperties || !(MARK in userProperties)) return message;
	const { [MARK]: _mark, ...others } = userProperties;
	if (Object.keys(others).length > 0) return { ...message, properties: { ...properties, userProperties: others } };
	const { properties: _properties, ...bare } = message;
	return Object.keys(properties).length > 0 ? { ...bare, properties } : bare;
}

/** What tells a message from every other one, also from the same one under another topic. */
export function keyOf(message: Message, { origin, number }: Mark): string {
	return `${origin}:${number}:${sumOf(message)}`;
}

function sumOf({ topic, payload }: Message): string {
	return crc32(payload, crc32(topic)).toString(16);
}
