/** Takes the fields out of packets that were checked: nothing here looks for mistakes again. */

import type { QoS } from "../message";
import { headerLength } from "./fixed-header";
import { type PropertyValues, readProperties } from "./property-values";

export interface PublishPacket {
	/** Empty where an alias stands for it. */
	readonly topic: string;
	/** A part of the packet's memory. */
	readonly payload: Buffer;
	readonly qos: QoS;
	readonly retain: boolean;
	readonly dup: boolean;
	/** 0 with QoS 0. */
	readonly packetId: number;
	readonly properties: PropertyValues | undefined;
}

export function decodePublish(packet: Buffer, v5: boolean): PublishPacket {
	const first = packet[0] as number;
	const qos = ((first >> 1) & 3) as QoS;
	const topicAt = headerLength(packet, 0, packet.length) + 2;
	let at = topicAt + (((packet[topicAt - 2] as number) << 8) | (packet[topicAt - 1] as number));
	const topic = packet.toString("utf8", topicAt, at);
	let packetId = 0;
	if (qos > 0) {
		packetId = ((packet[at] as number) << 8) | (packet[at + 1] as number);
		at += 2;
	}
	let properties: PropertyValues | undefined;
	if (v5) {
		if (packet[at] === 0) at++;
		else {
			const section = readProperties(packet, at);
			properties = section.values;
			at = section.end;
		}
	}
	const payload = packet.subarray(at);
	return { topic, payload, qos, retain: (first & 1) !== 0, dup: (first & 8) !== 0, packetId, properties };
}

/** PUBACK, PUBREC, PUBREL and PUBCOMP. */
export function decodeAnswer(packet: Buffer): { packetId: number; reasonCode: number } {
	// Too short for a length of more than one byte, but for a reason string that nobody reads.
	const at = headerLength(packet, 0, packet.length);
	return { packetId: packet.readUInt16BE(at), reasonCode: packet[at + 2] ?? 0 };
}

export interface RequestedSubscription {
	readonly filter: string;
	readonly qos: QoS;
	readonly noLocal: boolean;
	readonly retainAsPublished: boolean;
	readonly retainHandling: 0 | 1 | 2;
}

export interface SubscribePacket {
	readonly packetId: number;
	readonly subscriptions: readonly RequestedSubscription[];
	readonly identifier: number | undefined;
}

/** @param most subscriptions that are looked at; the others are only counted */
export function decodeSubscribe(packet: Buffer, v5: boolean, most: number): SubscribePacket & { more: number } {
	const { packetId, at, identifier } = openSubscribe(packet, v5);
	const subscriptions: RequestedSubscription[] = [];
	let more = 0;
	for (let next = at; next < packet.length; ) {
		const end = next + 2 + packet.readUInt16BE(next);
		if (subscriptions.length < most) {
			const options = packet[end] as number;
			subscriptions.push({
				filter: packet.toString("utf8", next + 2, end),
				qos: (options & 3) as QoS,
				noLocal: (options & 4) !== 0,
				retainAsPublished: (options & 8) !== 0,
				retainHandling: ((options >> 4) & 3) as 0 | 1 | 2,
			});
		} else more++;
		next = end + 1;
	}
	return { packetId, subscriptions, identifier, more };
}

export function decodeUnsubscribe(packet: Buffer, v5: boolean): { packetId: number; filters: string[] } {
	const { packetId, at } = openSubscribe(packet, v5);
	const filters: string[] = [];
	for (let next = at; next < packet.length; ) {
		const end = next + 2 + packet.readUInt16BE(next);
		filters.push(packet.toString("utf8", next + 2, end));
		next = end;
	}
	return { packetId, filters };
}

export function decodeDisconnect(packet: Buffer): { reasonCode: number; properties: PropertyValues | undefined } {
	const at = headerLength(packet, 0, packet.length);
	const reasonCode = packet[at] ?? 0;
	const properties = packet.length > at + 1 ? readProperties(packet, at + 1).values : undefined;
	return { reasonCode, properties };
}

/** As DISCONNECT: a reason code and properties. */
export const decodeAuth = decodeDisconnect;

function openSubscribe(packet: Buffer, v5: boolean): { packetId: number; at: number; identifier: number | undefined } {
	const bodyAt = headerLength(packet, 0, packet.length);
	const packetId = packet.readUInt16BE(bodyAt);
	if (!v5) return { packetId, at: bodyAt + 2, identifier: undefined };
	const { end, values } = readProperties(packet, bodyAt + 2);
	return { packetId, at: end, identifier: values?.subscriptionIdentifier };
}
