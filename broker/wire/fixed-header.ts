/** The two to five bytes that open every packet: its type, its flags and the length of the rest. */

import { problems, type WireProblem } from "./problems";

/** The packet types that a client may send, by the number in the upper half of the first byte. */
export const packetType = {
	connect: 1,
	publish: 3,
	puback: 4,
	pubrec: 5,
	pubrel: 6,
	pubcomp: 7,
	subscribe: 8,
	unsubscribe: 10,
	pingreq: 12,
	disconnect: 14,
	auth: 15,
} as const;

/** CONNACK, SUBACK, UNSUBACK and PINGRESP. */
const fromServerOnly: readonly number[] = [2, 9, 11, 13];

/** The types whose flags are 2; all others but PUBLISH have 0. */
const withFlags2: readonly number[] = [packetType.pubrel, packetType.subscribe, packetType.unsubscribe];

/** Is the first byte one that a client may send? */
export function firstByteProblem(byte: number): WireProblem | undefined {
	const type = byte >> 4;
	if (type === packetType.publish) return publishFlagsProblem(byte);
	if (type === 0) return problems.reservedType;
	if (fromServerOnly.includes(type)) return problems.serverPacket;
	return (byte & 0x0f) === (withFlags2.includes(type) ? 2 : 0) ? undefined : problems.headerFlags;
}

function publishFlagsProblem(byte: number): WireProblem | undefined {
	const qos = (byte >> 1) & 3;
	if (qos === 3) return problems.publishQos3;
	return qos === 0 && (byte & 0x08) !== 0 ? problems.dupWithQos0 : undefined;
}

/**
 * How many bytes the fixed header takes that starts at `from`.
 * @returns 2 to 5; 0 while `to` comes before its end; -1 when the length does not end after four bytes
 */
export function headerLength(bytes: Buffer, from: number, to: number): number {
	for (let length = 2; length <= 5; length++) {
		const last = from + length - 1;
		if (last >= to) return 0;
		if ((bytes[last] as number) < 0x80) return length;
	}
	return -1;
}

/** The number of bytes that follow the fixed header, which takes `length` bytes from `from`. */
export function remainingLength(bytes: Buffer, from: number, length: number): number {
	let value = 0;
	for (let at = from + length - 1; at > from; at--) value = value * 128 + ((bytes[at] as number) & 0x7f);
	return value;
}
