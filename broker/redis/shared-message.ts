/** A publication as bytes for Redis: a line of JSON, then the payload. */

import type { Message, MessageProperties, QoS } from "../message";

export interface SharedMessage extends Message {
	/** The process that published it. */
	readonly process: string;
	/** Of the publisher; starts with NUL for one inside a process. */
	readonly clientId?: string;
	/** Milliseconds since 1970. */
	readonly expiresAt?: number;
}

interface Head {
	readonly topic: string;
	readonly qos?: QoS;
	readonly retain?: true;
	readonly process: string;
	readonly clientId?: string;
	readonly expiresAt?: number;
	readonly properties?: MessageProperties;
	/** In base64. */
	readonly correlationData?: string;
}

const NEWLINE = 0x0a;

export function encodeMessage(message: SharedMessage): Buffer {
	const { topic, payload, qos, retain, process, clientId, expiresAt } = message;
	const { correlationData, ...properties } = message.properties ?? {};
	const head: Head = {
		topic,
		...(qos > 0 && { qos }),
		...(retain && { retain }),
		process,
		...(clientId !== undefined && { clientId }),
		...(expiresAt !== undefined && { expiresAt }),
		...(message.properties && { properties }),
		...(correlationData && { correlationData: correlationData.toString("base64") }),
	};
	return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), payload]);
}

/** @returns a message whose payload is part of the bytes */
export function decodeMessage(bytes: Buffer): SharedMessage {
	const end = bytes.indexOf(NEWLINE);
	const head = JSON.parse(bytes.toString("utf8", 0, end)) as Head;
	const { properties, correlationData, qos = 0, retain = false, ...others } = head;
	if (properties && correlationData !== undefined) properties.correlationData = Buffer.from(correlationData, "base64");
	return { ...others, qos, retain, payload: bytes.subarray(end + 1), ...(properties && { properties }) };
}

/** Cuts a number and a newline from the start. */
export function cutNumber(bytes: Buffer): { number: number; rest: Buffer } {
	const end = bytes.indexOf(NEWLINE);
	return { number: Number(bytes.toString("latin1", 0, end)), rest: bytes.subarray(end + 1) };
}
