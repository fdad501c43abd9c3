/** What passes the guard must be understood by the decoder behind it, mqtt-packet; nothing may make the guard throw. */

import { describe, expect, test } from "@jest/globals";
import { type Packet, parser } from "mqtt-packet";
import { isTopicFilter, isTopicName } from "../../../broker/topic";
import { checkConnect, checkPacket, PacketFramer, type ProtocolVersion } from "../../../broker/wire";
import { varint } from "./raw-packet";
import { SeededRandom } from "./seeded-random";
import { type Sample, validConnects, validPackets } from "./valid-packets";

const CONNECT = validConnects.at(0)?.packet as Buffer;
const samples = [...validConnects, ...validPackets].filter(({ packet }) => packet.length < 2_000);

/** Bytes that mean something somewhere: lengths, flags, wildcards, property identifiers, parts of UTF-8. */
const telling = [0, 1, 2, 3, 5, 0x0b, 0x11, 0x1f, 0x21, 0x23, 0x24, 0x26, 0x2b, 0x2f, 0x7f, 0x80, 0xc3, 0xed, 0xff];

function mutate(packet: Buffer, random: SeededRandom): Buffer {
	let made = Buffer.from(packet);
	for (let count = 1 + random.below(3); count > 0; count--) {
		const at = random.below(made.length);
		switch (random.below(5)) {
			case 0:
				made[at] = (made[at] as number) ^ (1 << random.below(8));
				break;
			case 1:
				made[at] = random.pick(telling);
				break;
			case 2:
				made = Buffer.concat([made.subarray(0, at), Buffer.from([random.pick(telling)]), made.subarray(at)]);
				break;
			case 3:
				made = Buffer.concat([made.subarray(0, at), made.subarray(at + 1)]);
				break;
			default:
				made = Buffer.concat([made.subarray(0, at), made.subarray(random.below(made.length))]);
		}
		if (made.length === 0) made = Buffer.from([random.below(256)]);
	}
	return random.below(4) === 0 ? made : withRightLength(made);
}

/** Most mutations would end at the length of the packet; so set it right. */
function withRightLength(packet: Buffer): Buffer {
	const bodyAt = 1 + packet.subarray(1).findIndex((byte) => byte < 0x80) + 1;
	const body = packet.subarray(bodyAt);
	return Buffer.concat([packet.subarray(0, 1), varint(body.length), body]);
}

/** What the guard lets through of these bytes, when they follow CONNECT or are its place. */
function guard(bytes: Buffer, { version, isConnect, random }: Case): Buffer | undefined {
	const framer = new PacketFramer(100_000);
	if (!isConnect) {
		framer.push(CONNECT);
		framer.next();
	}
	let packet: Buffer | undefined;
	for (let at = 0; at < bytes.length && !packet; ) {
		const end = at + 1 + random.below(bytes.length - at);
		framer.push(bytes.subarray(at, end));
		packet = framer.next();
		at = end;
	}
	if (!packet) return undefined;
	const found = isConnect ? checkConnect(packet) : { problem: checkPacket(packet, version) };
	return found.problem ? undefined : packet;
}

interface Case {
	readonly version: ProtocolVersion;
	readonly isConnect: boolean;
	readonly random: SeededRandom;
}

function decode(packet: Buffer, version: ProtocolVersion): Packet {
	const packets: Packet[] = [];
	const decoder = parser({ protocolVersion: version });
	decoder.on("packet", (decoded) => packets.push(decoded));
	decoder.on("error", (error) => {
		throw error;
	});
	expect(decoder.parse(packet)).toBe(0);
	expect(packets).toHaveLength(1);
	return packets[0] as Packet;
}

/** Throws when the decoded packet holds something that no valid packet holds. */
function assertSound(packet: Packet): void {
	if (packet.cmd === "publish") {
		const byAlias = packet.topic === "" && Number(packet.properties?.topicAlias) > 0;
		expect(byAlias || isTopicName(packet.topic)).toBe(true);
		assertValues(packet.properties);
	} else if (packet.cmd === "subscribe") {
		expect(packet.subscriptions.length).toBeGreaterThan(0);
		for (const { topic } of packet.subscriptions) expect(isTopicFilter(topic)).toBe(true);
		assertValues(packet.properties);
	} else if (packet.cmd === "unsubscribe") {
		expect(packet.unsubscriptions.length).toBeGreaterThan(0);
		for (const topic of packet.unsubscriptions) expect(isTopicFilter(topic)).toBe(true);
	} else if (packet.cmd === "connect") {
		assertValues(packet.clientId);
		assertValues(packet.username ?? "");
		assertValues(packet.properties);
		if (packet.will) {
			expect(isTopicName(packet.will.topic)).toBe(true);
			expect(packet.will.qos).toBeLessThan(3);
			assertValues(packet.will.properties);
		}
	} else if (packet.cmd === "disconnect" || packet.cmd === "auth" || packet.cmd.startsWith("pub")) {
		assertValues((packet as { properties?: object }).properties);
	}
	if (needsId(packet)) expect(packet.messageId).toBeGreaterThan(0);
}

function needsId(packet: Packet): boolean {
	if (packet.cmd === "publish") return packet.qos > 0;
	return packet.cmd.startsWith("pub") || packet.cmd.endsWith("subscribe");
}

/** No missing value, no NUL, and no list but that of user properties of one name. */
function assertValues(value: unknown, mayBeList = false): void {
	if (value === undefined && !mayBeList) return;
	expect(value ?? null).not.toBeNull();
	if (typeof value === "string") expect(value).not.toContain("\0");
	if (typeof value === "number") expect(value).toBeGreaterThanOrEqual(0);
	if (typeof value !== "object" || Buffer.isBuffer(value)) return;
	if (Array.isArray(value)) expect(mayBeList).toBe(true);
	for (const [name, inner] of Object.entries(value as object))
		assertValues(inner, mayBeList || name === "userProperties");
}

describe("the guard under mutated packets", () => {
	test.each([1, 2, 3, 4])(
		"never throws, and lets nothing through that the decoder does not understand (seed %i)",
		(seed) => {
			const random = new SeededRandom(seed);
			const passed = { count: 0 };
			for (let round = 0; round < 6_000; round++) {
				const sample: Sample = random.pick(samples);
				const isConnect = sample.name.startsWith("CONNECT");
				const bytes = mutate(sample.packet, random);
				const packet = guard(bytes, { version: sample.version, isConnect, random });
				if (!packet) continue;
				passed.count++;
				try {
					assertSound(decode(packet, sample.version));
				} catch (error) {
					throw new Error(`${sample.name} of MQTT ${sample.version} as ${packet.toString("hex")}`, { cause: error });
				}
			}
			// Both ways out were taken often: the test is not empty.
			expect(passed.count).toBeGreaterThan(300);
			expect(passed.count).toBeLessThan(5_000);
		},
	);

	test("never throws on random bytes", () => {
		const random = new SeededRandom(5);
		for (let round = 0; round < 20_000; round++) {
			const bytes = Buffer.from(Array.from({ length: random.below(40) }, () => random.below(256)));
			checkConnect(bytes);
			checkPacket(bytes, random.pick([3, 4, 5] as const));
			guard(bytes, { version: 5, isConnect: random.below(2) === 0, random });
		}
	});
});
