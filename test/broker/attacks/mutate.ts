/** Breaks packets in the ways that breakers of protocols like. */

import { varint } from "../wire/raw-packet";
import type { SeededRandom } from "../wire/seeded-random";

/** Bytes that mean something somewhere: lengths, flags, wildcards, property identifiers, parts of UTF-8. */
const telling = [0, 1, 2, 3, 5, 0x0b, 0x11, 0x1f, 0x21, 0x23, 0x24, 0x26, 0x2b, 0x2f, 0x7f, 0x80, 0xc3, 0xed, 0xff];

/** The packet with one to three changes; three of four times with a length that is right again. */
export function mutate(packet: Buffer, random: SeededRandom): Buffer {
	let made: Buffer = Buffer.from(packet);
	for (let count = 1 + random.below(3); count > 0; count--) made = change(made, random);
	return random.below(4) === 0 ? made : withRightLength(made);
}

function change(packet: Buffer, random: SeededRandom): Buffer {
	if (packet.length === 0) return Buffer.from([random.below(256)]);
	const at = random.below(packet.length);
	switch (random.below(5)) {
		case 0:
			packet[at] = (packet[at] as number) ^ (1 << random.below(8));
			return packet;
		case 1:
			packet[at] = random.pick(telling);
			return packet;
		case 2:
			return Buffer.concat([packet.subarray(0, at), Buffer.from([random.pick(telling)]), packet.subarray(at)]);
		case 3:
			return Buffer.concat([packet.subarray(0, at), packet.subarray(at + 1)]);
		default:
			return Buffer.concat([packet.subarray(0, at), packet.subarray(random.below(packet.length))]);
	}
}

function withRightLength(packet: Buffer): Buffer {
	const headerEnd = packet.subarray(1).findIndex((byte) => byte < 0x80) + 2;
	const body = packet.subarray(headerEnd);
	return Buffer.concat([packet.subarray(0, 1), varint(body.length), body]);
}
