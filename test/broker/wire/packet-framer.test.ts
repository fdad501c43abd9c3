import { describe, expect, test } from "@jest/globals";
import { PacketFramer } from "../../../broker/wire";
import { bytes, raw, varint } from "./raw-packet";
import { SeededRandom } from "./seeded-random";
import { validConnects, validPackets } from "./valid-packets";

const CONNECT = raw(0x10, "MQTT", 4, 2, 0, 0, "a");
const PING = raw(0xc0);

/** Valid packets as one client might send them. */
const conversation = [validConnects.at(-1)?.packet as Buffer, ...validPackets.map(({ packet }) => packet)];

function connected(maxPacketSize = 1_000_000): PacketFramer {
	const framer = new PacketFramer(maxPacketSize);
	framer.push(CONNECT);
	expect(framer.next()).toEqual(CONNECT);
	return framer;
}

function take(framer: PacketFramer): Buffer[] {
	const packets: Buffer[] = [];
	for (let packet = framer.next(); packet; packet = framer.next()) packets.push(packet);
	return packets;
}

/** Jest compares texts a hundred times faster than buffers. */
function hex(packets: readonly Buffer[]): string[] {
	return packets.map((packet) => packet.toString("hex"));
}

/** Cuts the stream into chunks of the sizes that `size` gives, and collects the packets. */
function reframe(stream: Buffer, size: () => number): Buffer[] {
	const framer = new PacketFramer(1_000_000);
	const packets: Buffer[] = [];
	for (let at = 0; at < stream.length; ) {
		const end = Math.min(stream.length, at + size());
		framer.push(stream.subarray(at, end));
		packets.push(...take(framer));
		at = end;
	}
	expect(framer.problem).toBeUndefined();
	expect(framer.buffered).toBe(0);
	return packets;
}

describe("packets come out whole", () => {
	const stream = bytes(...conversation);

	test("when all come in one chunk, without being copied", () => {
		const framer = new PacketFramer(1_000_000);
		framer.push(stream);
		expect(framer.buffered).toBe(stream.length);
		const packets = take(framer);
		expect(hex(packets)).toEqual(hex(conversation));
		expect(packets.every((packet) => packet.buffer === stream.buffer)).toBe(true);
		expect(framer.buffered).toBe(0);
	});

	test.each([1, 2, 3, 4, 5, 7, 64, 1_023, 1_024, 1_025])("when they come in chunks of %i bytes", (size) => {
		expect(hex(reframe(stream, () => size))).toEqual(hex(conversation));
	});

	test("when the stream is cut in two anywhere", () => {
		const short = bytes(CONNECT, PING, raw(0x30, "t", Buffer.alloc(200)), PING, raw(0xe0));
		const expected = reframe(short, () => short.length);
		expect(expected).toHaveLength(5);
		for (let cut = 1; cut < short.length; cut++) {
			const sizes = [cut, short.length];
			expect(hex(reframe(short, () => sizes.shift() as number))).toEqual(hex(expected));
		}
	});

	test.each(Array.from({ length: 30 }, (_, seed) => seed))("when it is cut at random (seed %i)", (seed) => {
		const random = new SeededRandom(seed);
		expect(hex(reframe(stream, () => 1 + random.below(random.pick([3, 50, 5_000]))))).toEqual(hex(conversation));
	});

	test("when many chunks wait before the first packet is taken", () => {
		const framer = new PacketFramer(1_000_000);
		for (let at = 0; at < stream.length; at += 10) framer.push(stream.subarray(at, at + 10));
		expect(framer.buffered).toBe(stream.length);
		expect(framer.next()).toEqual(conversation[0]);
		expect(framer.buffered).toBe(stream.length - (conversation[0] as Buffer).length);
		expect(hex(take(framer))).toEqual(hex(conversation.slice(1)));
	});

	test("when empty chunks come between", () => {
		const framer = new PacketFramer(100);
		framer.push(Buffer.alloc(0));
		framer.push(CONNECT.subarray(0, 1));
		framer.push(Buffer.alloc(0));
		expect(framer.next()).toBeUndefined();
		framer.push(CONNECT.subarray(1));
		expect(take(framer)).toEqual([CONNECT]);
	});

	test("when one takes half a megabyte and comes byte by byte", () => {
		const framer = connected();
		const packet = raw(0x30, "t", Buffer.alloc(500_000, 1));
		const early: Buffer[] = [];
		for (let at = 0; at < packet.length - 1; at++) {
			framer.push(packet.subarray(at, at + 1));
			early.push(...take(framer));
		}
		expect(early).toEqual([]);
		expect(framer.buffered).toBe(packet.length - 1);
		framer.push(packet.subarray(-1));
		expect(hex(take(framer))).toEqual(hex([packet]));
	});
});

describe("the stream ends with a problem", () => {
	/** The problem after CONNECT and these bytes. */
	const after = (...chunks: Buffer[]) => {
		const framer = connected(1_000);
		for (const chunk of chunks) framer.push(chunk);
		expect(framer.next()).toBeUndefined();
		return framer.problem?.reasonCode;
	};
	/** The problem when the connection begins with these bytes. */
	const first = (chunk: Buffer) => {
		const framer = new PacketFramer(1_000, 500);
		framer.push(chunk);
		expect(framer.next()).toBeUndefined();
		return framer.problem?.reasonCode;
	};

	test.each<[string, number, Buffer]>([
		["PUBLISH [MQTT-3.1.0-1]", 0x82, raw(0x30, "t")],
		["PINGREQ [MQTT-3.1.0-1]", 0x82, PING],
		["the first byte of a large PUBLISH [MQTT-3.1.0-1]", 0x82, Buffer.from([0x30])],
		["the first byte of a GET request", 0x81, Buffer.from("G")],
		["the first bytes of a TLS handshake", 0x81, Buffer.from([0x16, 0x03])],
		["CONNACK", 0x82, raw(0x20, 0, 0)],
		["type 0", 0x81, Buffer.from([0])],
		["CONNECT with flags", 0x81, Buffer.from([0x12])],
		["the header of a CONNECT of 501 bytes", 0x95, bytes(0x10, varint(498))],
		["the header of a CONNECT of 256 MB", 0x95, bytes(0x10, varint(268_435_455))],
		["a length of five bytes", 0x81, Buffer.from([0x10, 0x80, 0x80, 0x80, 0x80])],
	])("when it begins with %s", (_name, reasonCode, chunk) => {
		expect(first(chunk)).toBe(reasonCode);
	});

	test.each<[string, number, Buffer[]]>([
		["a packet over the limit", 0x95, [bytes(0x30, varint(998))]],
		[
			"a packet over the limit, its header in pieces",
			0x95,
			[Buffer.from([0x30]), Buffer.from([0xe6]), Buffer.from([7])],
		],
		["a length of five bytes in pieces", 0x81, [Buffer.from([0x30, 0xff]), Buffer.from([0xff, 0xff, 0xff])]],
		["a second CONNECT [MQTT-3.1.0-2]", 0x82, [CONNECT]],
		["type 0", 0x81, [Buffer.from([0x0f])]],
		["PINGRESP", 0x82, [Buffer.from([0xd0])]],
		["SUBSCRIBE without its flags", 0x81, [Buffer.from([0x80])]],
		["PUBLISH with QoS 3", 0x81, [Buffer.from([0x36])]],
		["PUBLISH with QoS 0 and DUP", 0x82, [Buffer.from([0x38])]],
	])("after CONNECT when %s comes", (_name, reasonCode, chunks) => {
		expect(after(...chunks)).toBe(reasonCode);
	});

	test("only beyond the limits, not at them", () => {
		const framer = new PacketFramer(20, 14 + 14);
		const connect = raw(0x10, "MQTT", 4, 2, 0, 0, "a".repeat(14));
		const publish = raw(0x30, "t", Buffer.alloc(15));
		expect([connect.length, publish.length]).toEqual([28, 20]);
		framer.push(bytes(connect, publish));
		expect(take(framer)).toEqual([connect, publish]);
		expect(framer.problem).toBeUndefined();
	});

	test("after the good packets before it", () => {
		const framer = new PacketFramer(1_000);
		framer.push(bytes(CONNECT, PING, 0x00, PING));
		expect(take(framer)).toEqual([CONNECT, PING]);
		expect(framer.problem?.reasonCode).toBe(0x81);
	});

	test("and keeps nothing, and takes nothing more", () => {
		const framer = connected();
		framer.push(Buffer.from([0x00, 1, 2, 3]));
		framer.push(PING);
		expect(framer.next()).toBeUndefined();
		expect(framer.buffered).toBe(0);
		framer.push(PING);
		expect(framer.buffered).toBe(0);
		expect(framer.next()).toBeUndefined();
	});
});
