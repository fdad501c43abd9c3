import { describe, expect, test } from "@jest/globals";
import { checkPacket, type ProtocolVersion } from "../../../broker/wire";
import { type Part, props, raw } from "./raw-packet";
import { validPackets } from "./valid-packets";

const MALFORMED = 0x81;
const PROTOCOL_ERROR = 0x82;
const ID = [0, 7];

describe("a valid packet passes", () => {
	test.each(validPackets.map(({ name, version, packet }) => [version, name, packet] as const))(
		"MQTT %i: %s",
		(version, _name, packet) => {
			expect(checkPacket(packet, version)).toBeUndefined();
		},
	);

	test.each<[string, ProtocolVersion, Buffer]>([
		["a PUBACK of MQTT 5 may end after the packet identifier", 5, raw(0x40, ID)],
		["a PUBACK of MQTT 5 may end after the reason code", 5, raw(0x40, ID, 0x10)],
		["a DISCONNECT of MQTT 5 may be empty", 5, raw(0xe0)],
		["a DISCONNECT of MQTT 5 may end after the reason code", 5, raw(0xe0, 0x04)],
		["a text may begin with the byte order mark [MQTT-1.5.4-3]", 5, raw(0x30, "\ufefftopic", 0)],
		["a text may hold U+FFFF and control characters", 4, raw(0x30, "a\uffff\u0001b")],
		["MQTT 3 does not ask for the shortest length", 4, Buffer.from([0xc0, 0x80, 0x00])],
		["a topic may have 100 levels", 4, raw(0x30, Array(100).fill("a").join("/"))],
		["an alias may come with a topic", 5, raw(0x30, "t", props(0x23, 0, 1))],
	])("%s", (_name, version, packet) => {
		expect(checkPacket(packet, version)).toBeUndefined();
	});
});

type Row = readonly [name: string, version: ProtocolVersion, reasonCode: number, packet: Buffer];

function refused(rows: readonly Row[]): void {
	test.each(rows)("%s (MQTT %i)", (_name, version, reasonCode, packet) => {
		expect(checkPacket(packet, version)?.reasonCode).toBe(reasonCode);
	});
}

/** The same row for 3.1, 3.1.1 and 5. */
function all(name: string, reasonCode: number, packet: (version: ProtocolVersion) => Buffer): Row[] {
	return ([3, 4, 5] as const).map((version) => [name, version, reasonCode, packet(version)]);
}

/** No properties where the version has them. */
function none(version: ProtocolVersion): Part {
	return version === 5 ? [0] : [];
}

describe("the fixed header is refused", () => {
	refused([
		...all("no byte at all", MALFORMED, () => Buffer.alloc(0)),
		...all("the type alone", MALFORMED, () => Buffer.from([0xc0])),
		...all("a length that does not end", MALFORMED, () => Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x01])),
		...all("a length that is too large", MALFORMED, () => Buffer.from([0x30, 5, 0, 1, 0x61])),
		...all("a length that is too small", MALFORMED, () => Buffer.from([0x30, 3, 0, 1, 0x61, 0, 0])),
		["a length in more bytes than it needs [MQTT-1.5.5-1]", 5, MALFORMED, Buffer.from([0xc0, 0x80, 0x00])],
		...all("type 0", MALFORMED, () => raw(0x00)),
		...all("CONNECT again [MQTT-3.1.0-2]", PROTOCOL_ERROR, () => raw(0x10, "MQTT", 4, 2, 0, 0, "a")),
		...all("CONNACK", PROTOCOL_ERROR, () => raw(0x20, 0, 0)),
		...all("SUBACK", PROTOCOL_ERROR, () => raw(0x90, ID, 0)),
		...all("UNSUBACK", PROTOCOL_ERROR, () => raw(0xb0, ID)),
		...all("PINGRESP", PROTOCOL_ERROR, () => raw(0xd0)),
		["AUTH in 3.1", 3, MALFORMED, raw(0xf0)],
		["AUTH in 3.1.1", 4, MALFORMED, raw(0xf0)],
		...[0x11, 0x41, 0x58, 0x60, 0x63, 0x72, 0x80, 0x8a, 0xa0, 0xa3, 0xc1, 0xe2, 0xf4].flatMap((first) =>
			all(`flags of 0x${first.toString(16)} [MQTT-2.1.3-1]`, MALFORMED, () => raw(first, ID)),
		),
	]);
});

describe("PUBLISH is refused", () => {
	refused([
		...all("QoS 3 [MQTT-3.3.1-4]", MALFORMED, (v) => raw(0x36, "t", ID, none(v))),
		...all("DUP with QoS 0 [MQTT-3.3.1-2]", PROTOCOL_ERROR, (v) => raw(0x38, "t", none(v))),
		...all("packet identifier 0 with QoS 1 [MQTT-2.2.1-3]", PROTOCOL_ERROR, (v) => raw(0x32, "t", 0, 0, none(v))),
		...all("packet identifier 0 with QoS 2 [MQTT-2.2.1-3]", PROTOCOL_ERROR, (v) => raw(0x34, "t", 0, 0, none(v))),
		...all("no body", MALFORMED, () => raw(0x30)),
		...all("half a topic length", MALFORMED, () => raw(0x30, 0)),
		...all("a topic longer than the packet", MALFORMED, () => raw(0x30, 0, 9, 0x61)),
		...all("no packet identifier", MALFORMED, () => raw(0x32, "t")),
		...all("half a packet identifier", MALFORMED, () => raw(0x32, "t", 1)),
		...all("# in the topic [MQTT-3.3.2-2]", MALFORMED, (v) => raw(0x30, "a/#", none(v))),
		...all("+ in the topic [MQTT-3.3.2-2]", MALFORMED, (v) => raw(0x30, "a+b", none(v))),
		...all("NUL in the topic [MQTT-1.5.4-2]", MALFORMED, (v) => raw(0x30, "a\0b", none(v))),
		...all("NUL after an umlaut in the topic [MQTT-1.5.4-2]", MALFORMED, (v) => raw(0x30, "ä\0b", none(v))),
		...[
			["a lone continuation byte", [0x80]],
			["an overlong form", [0xc0, 0xaf]],
			["an overlong NUL", [0xc0, 0x80]],
			["a high surrogate", [0xed, 0xa0, 0x80]],
			["a low surrogate", [0xed, 0xbf, 0xbf]],
			["a pair of surrogates", [0xed, 0xa0, 0x81, 0xed, 0xb0, 0x80]],
			["a character above U+10FFFF", [0xf4, 0x90, 0x80, 0x80]],
			["half a character", [0xf0, 0x9f, 0x98]],
			["the byte 0xff", [0xff]],
		].flatMap(([name, bad]) =>
			all(`${name} in the topic [MQTT-1.5.4-1]`, MALFORMED, (v) =>
				raw(0x30, 0, (bad as number[]).length + 1, 0x61, bad as number[], none(v)),
			),
		),
		["an empty topic [MQTT-4.7.3-1]", 3, MALFORMED, raw(0x30, "")],
		["an empty topic [MQTT-4.7.3-1]", 4, MALFORMED, raw(0x30, "")],
		["an empty topic without alias", 5, PROTOCOL_ERROR, raw(0x30, "", 0)],
		...all("101 levels", 0x90, (v) => raw(0x30, Array(101).fill("a").join("/"), none(v))),
	]);

	test("the limit of levels is the caller's", () => {
		expect(checkPacket(raw(0x30, "a/b/c"), 4, 3)).toBeUndefined();
		expect(checkPacket(raw(0x30, "a/b/c/"), 4, 3)?.reasonCode).toBe(0x90);
		expect(checkPacket(raw(0x82, ID, "a/b/+/#", 0), 4, 3)?.reasonCode).toBe(0x8f);
		expect(checkPacket(raw(0x82, ID, "$share/g/a/b/+", 0), 4, 3)).toBeUndefined();
	});
});

describe("an acknowledgement is refused", () => {
	refused(
		(
			[
				["PUBACK", 0x40, 0x92],
				["PUBREC", 0x50, 0x92],
				["PUBREL", 0x62, 0x10],
				["PUBCOMP", 0x70, 0x80],
			] as const
		).flatMap(([name, first, wrongCode]) => [
			...all(`${name} without packet identifier`, MALFORMED, () => raw(first)),
			...all(`${name} with half a packet identifier`, MALFORMED, () => raw(first, 1)),
			...all(`${name} of packet identifier 0`, PROTOCOL_ERROR, () => raw(first, 0, 0)),
			[`${name} with a reason code`, 3, MALFORMED, raw(first, ID, 0)] as const,
			[`${name} with a reason code`, 4, MALFORMED, raw(first, ID, 0)] as const,
			[`${name} with a foreign reason code`, 5, PROTOCOL_ERROR, raw(first, ID, wrongCode)] as const,
			[`${name} with bytes after the properties`, 5, MALFORMED, raw(first, ID, 0, 0, 0)] as const,
			[`${name} with a property of PUBLISH`, 5, MALFORMED, raw(first, ID, 0, props(0x01, 1))] as const,
		]),
	);
});

describe("SUBSCRIBE is refused", () => {
	const filters: [string, number, string][] = [
		["an empty filter [MQTT-4.7.3-1]", MALFORMED, ""],
		["a# [MQTT-4.7.1-1]", MALFORMED, "a#"],
		["#/a [MQTT-4.7.1-1]", MALFORMED, "#/a"],
		["a/#/ [MQTT-4.7.1-1]", MALFORMED, "a/#/"],
		["## [MQTT-4.7.1-1]", MALFORMED, "##"],
		["a+ [MQTT-4.7.1-2]", MALFORMED, "a+"],
		["+b [MQTT-4.7.1-2]", MALFORMED, "+b"],
		["a/+b [MQTT-4.7.1-2]", MALFORMED, "a/+b"],
		["++ [MQTT-4.7.1-2]", MALFORMED, "++"],
		["NUL in a filter [MQTT-1.5.4-2]", MALFORMED, "a\0"],
		["NUL in a filter with umlaut [MQTT-1.5.4-2]", MALFORMED, "ä\0"],
		["$share alone [MQTT-4.8.2-2]", MALFORMED, "$share"],
		["$share without filter [MQTT-4.8.2-2]", MALFORMED, "$share/group"],
		["$share with an empty filter [MQTT-4.8.2-2]", MALFORMED, "$share/group/"],
		["$share without name [MQTT-4.8.2-1]", MALFORMED, "$share//a"],
		["$share with + in the name [MQTT-4.8.2-2]", MALFORMED, "$share/+/a"],
		["$share with # in the name [MQTT-4.8.2-2]", MALFORMED, "$share/g#/a"],
		["$share with a wrong filter", MALFORMED, "$share/group/a#"],
		["101 levels", 0x8f, Array(101).fill("+").join("/")],
	];
	refused([
		...filters.flatMap(([name, code, filter]) =>
			all(name, code, (v) => raw(0x82, ID, none(v), "good/+", 1, filter, 0)),
		),
		...filters.flatMap(([name, code, filter]) =>
			all(`${name}, in UNSUBSCRIBE`, code, (v) => raw(0xa2, ID, none(v), "good/+", filter)),
		),
		...all("a surrogate in a filter [MQTT-1.5.4-1]", MALFORMED, (v) =>
			raw(0x82, ID, none(v), 0, 3, [0xed, 0xa0, 0x80], 0),
		),
		...all("no body", MALFORMED, () => raw(0x82)),
		...all("packet identifier 0", PROTOCOL_ERROR, (v) => raw(0x82, 0, 0, none(v), "a", 0)),
		...all("no filter [MQTT-3.8.3-2]", PROTOCOL_ERROR, (v) => raw(0x82, ID, none(v))),
		...all("a filter without options", MALFORMED, (v) => raw(0x82, ID, none(v), "a")),
		...all("half a filter", MALFORMED, (v) => raw(0x82, ID, none(v), "a", 0, 0, 5, 0x61)),
		...all("one byte after the options", MALFORMED, (v) => raw(0x82, ID, none(v), "a", 0, 0)),
		...all("QoS 3", PROTOCOL_ERROR, (v) => raw(0x82, ID, none(v), "a", 3)),
		...all("option bit 6 [MQTT-3.8.3-5]", MALFORMED, (v) => raw(0x82, ID, none(v), "a", 0x40)),
		...all("option bit 7 [MQTT-3.8.3-5]", MALFORMED, (v) => raw(0x82, ID, none(v), "a", 0x80)),
		["no-local in 3.1.1 [MQTT-3.8.3-4 of 3.1.1]", 4, MALFORMED, raw(0x82, ID, "a", 0x04)],
		["retain as published in 3.1.1 [MQTT-3.8.3-4 of 3.1.1]", 4, MALFORMED, raw(0x82, ID, "a", 0x08)],
		["retain handling 3", 5, PROTOCOL_ERROR, raw(0x82, ID, 0, "a", 0x30)],
		["no-local on a shared subscription [MQTT-3.8.3-4]", 5, PROTOCOL_ERROR, raw(0x82, ID, 0, "$share/g/a", 4)],
		["no properties where MQTT 5 wants them", 5, MALFORMED, raw(0x82, ID)],
	]);
});

test("the log says the form of a shared subscription when its filter is empty", () => {
	expect(checkPacket(raw(0x82, ID, "$share/group/", 0), 4)?.text).toContain("$share/name/filter");
});

describe("UNSUBSCRIBE is refused", () => {
	refused([
		...all("packet identifier 0", PROTOCOL_ERROR, (v) => raw(0xa2, 0, 0, none(v), "a")),
		...all("no filter [MQTT-3.10.3-2]", PROTOCOL_ERROR, (v) => raw(0xa2, ID, none(v))),
		...all("one byte after the last filter", MALFORMED, (v) => raw(0xa2, ID, none(v), "a", 0)),
	]);
});

describe("PINGREQ, DISCONNECT and AUTH are refused", () => {
	refused([
		...all("PINGREQ with a body", MALFORMED, () => raw(0xc0, 0)),
		["DISCONNECT with a body", 3, MALFORMED, raw(0xe0, 0)],
		["DISCONNECT with a body", 4, MALFORMED, raw(0xe0, 0)],
		["DISCONNECT with an unknown reason code [MQTT-3.14.2-1]", 5, PROTOCOL_ERROR, raw(0xe0, 0x01)],
		["DISCONNECT with a server's reason code", 5, PROTOCOL_ERROR, raw(0xe0, 0x8e)],
		["DISCONNECT with bytes after the properties", 5, MALFORMED, raw(0xe0, 0, 0, 0)],
		["DISCONNECT with a server reference", 5, PROTOCOL_ERROR, raw(0xe0, 0, props(0x1c, "other"))],
		["AUTH that is empty", 5, PROTOCOL_ERROR, raw(0xf0)],
		["AUTH without method", 5, PROTOCOL_ERROR, raw(0xf0, 0x18, 0)],
		["AUTH with a server's reason code", 5, PROTOCOL_ERROR, raw(0xf0, 0x00, props(0x15, "m"))],
		["AUTH with data and no method", 5, PROTOCOL_ERROR, raw(0xf0, 0x18, props(0x16, "d"))],
		["AUTH with bytes after the properties", 5, MALFORMED, raw(0xf0, 0x18, props(0x15, "m"), 0)],
	]);
});
