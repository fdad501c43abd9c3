/** Takes a SUBSCRIBE apart into packets with one topic filter each. */

import { headerLength, packetType } from "./fixed-header";

/** One of the filters of a SUBSCRIBE. */
export interface SubscribePart {
	readonly filter: string;
	/** A SUBSCRIBE with this filter alone: same packet identifier, options and properties. */
	readonly packet: Buffer;
}

/** Reads one filter after the other, so that a packet with a quarter of a million of them costs no memory of its own. */
export class SubscribeParts {
	readonly packetId: number;
	readonly #packet: Buffer;
	/** Packet identifier and properties, which stand in front of every part. */
	readonly #head: Buffer;
	#at: number;

	/** @param packet a whole SUBSCRIBE that `checkPacket` found nothing wrong with */
	constructor(packet: Buffer, version: 3 | 4 | 5) {
		const bodyAt = headerLength(packet, 0, packet.length);
		const filtersAt = version === 5 ? endOfProperties(packet, bodyAt + 2) : bodyAt + 2;
		this.packetId = packet.readUInt16BE(bodyAt);
		this.#packet = packet;
		this.#head = packet.subarray(bodyAt, filtersAt);
		this.#at = filtersAt;
	}

	get more(): boolean {
		return this.#at < this.#packet.length;
	}

	/** @returns undefined after the last one */
	next(): SubscribePart | undefined {
		if (!this.more) return undefined;
		const textAt = this.#at + 2;
		const textEnd = textAt + this.#packet.readUInt16BE(this.#at);
		const entry = this.#packet.subarray(this.#at, textEnd + 1);
		this.#at = textEnd + 1;
		return { filter: this.#packet.toString("utf8", textAt, textEnd), packet: this.#alone(entry) };
	}

	#alone(entry: Buffer): Buffer {
		const length = this.#head.length + entry.length;
		return Buffer.concat([Buffer.from([(packetType.subscribe << 4) | 2]), varint(length), this.#head, entry]);
	}
}

function endOfProperties(packet: Buffer, at: number): number {
	let length = 0;
	let factor = 1;
	let next = at;
	for (let more = true; more; factor *= 128) {
		const byte = packet[next++] as number;
		length += (byte & 0x7f) * factor;
		more = byte >= 0x80;
	}
	return next + length;
}

function varint(value: number): Buffer {
	const bytes: number[] = [];
	for (let rest = value; bytes.length === 0 || rest > 0; rest = Math.floor(rest / 128)) {
		bytes.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
	}
	return Buffer.from(bytes);
}
