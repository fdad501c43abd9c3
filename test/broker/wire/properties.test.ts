import { describe, expect, test } from "@jest/globals";
import { checkPacket, type Property, place, properties } from "../../../broker/wire";
import { type Part, props, raw } from "./raw-packet";

const MALFORMED = 0x81;
const PROTOCOL_ERROR = 0x82;

/** A good value of each type. */
const good: Record<Property["type"], Part> = {
	flag: [1],
	byte: [1],
	uint16: [0, 1],
	uint32: [0, 0, 0, 1],
	varint: [1],
	text: ["t"],
	topic: ["t"],
	binary: ["b"],
	pair: ["n", "v"],
};

/** A packet of MQTT 5 with these properties, for each place that is not in CONNECT. */
const packetWith: Record<string, (section: Buffer) => Buffer> = {
	publish: (section) => raw(0x30, "t", section),
	acknowledge: (section) => raw(0x40, 0, 7, 0, section),
	subscribe: (section) => raw(0x82, 0, 7, section, "a", 0),
	unsubscribe: (section) => raw(0xa2, 0, 7, section, "a"),
	disconnect: (section) => raw(0xe0, 0, section),
};

const everyProperty = Object.values(properties);
const everyPair = Object.keys(packetWith).flatMap((where) =>
	everyProperty.map((property) => [property.name, where, property] as const),
);

describe("a property", () => {
	test.each(everyPair)("%s passes in %s where it belongs there, and is refused elsewhere", (_name, where, property) => {
		const found = checkPacket(packetWith[where]?.(props(property.id, good[property.type])) as Buffer, 5);
		const bit = place[where as keyof typeof place];
		if ((property.from & bit) !== 0) expect(found).toBeUndefined();
		else expect(found?.reasonCode).toBe((property.fromServer & bit) !== 0 ? PROTOCOL_ERROR : MALFORMED);
	});

	const placed = everyPair.filter(([, where, property]) => (property.from & place[where as keyof typeof place]) !== 0);

	test.each(placed)("%s in %s may stand twice only where it is a user property", (name, where, property) => {
		const twice = props(property.id, good[property.type], property.id, good[property.type]);
		const found = checkPacket(packetWith[where]?.(twice) as Buffer, 5);
		expect(found?.reasonCode).toBe(name === "userProperty" ? undefined : PROTOCOL_ERROR);
	});

	test.each(placed)("%s in %s is refused without its last byte", (_name, where, property) => {
		const whole = props(property.id, good[property.type]);
		const cut = Buffer.from(whole.subarray(0, -1));
		cut[0] = cut.length - 1;
		expect(checkPacket(packetWith[where]?.(cut) as Buffer, 5)?.reasonCode).toBe(MALFORMED);
	});

	test.each([...[0x00, 0x04, 0x0a, 0x14, 0x20, 0x2b, 0x7f, 0x80, 0xff]])(
		"with the unknown identifier %i is refused",
		(id) => {
			expect(checkPacket(raw(0x30, "t", props(id, 1)), 5)?.reasonCode).toBe(MALFORMED);
		},
	);

	test("of a will delay may not stand in PUBLISH, and a server's session data nowhere", () => {
		expect(properties.willDelayInterval.from).toBe(place.will);
		expect(properties.assignedClientIdentifier.from).toBe(0);
	});
});

describe("a property section is refused", () => {
	test.each<[string, number, Buffer]>([
		["payload format indicator 2", PROTOCOL_ERROR, raw(0x30, "t", props(0x01, 2))],
		["topic alias 0 [MQTT-3.3.2-8]", 0x94, raw(0x30, "t", props(0x23, 0, 0))],
		["subscription identifier 0", PROTOCOL_ERROR, raw(0x82, 0, 7, props(0x0b, 0), "a", 0)],
		["subscription identifier of five bytes", MALFORMED, raw(0x82, 0, 7, props(0x0b, [128, 128, 128, 128, 1]), "a", 0)],
		["subscription identifier not minimal [MQTT-1.5.5-1]", MALFORMED, raw(0x82, 0, 7, props(0x0b, 0x81, 0), "a", 0)],
		["subscription identifier in PUBLISH [MQTT-3.3.4-6]", PROTOCOL_ERROR, raw(0x30, "t", props(0x0b, 1))],
		["response topic with wildcard [MQTT-3.3.2-14]", MALFORMED, raw(0x30, "t", props(0x08, "a/+"))],
		["empty response topic [MQTT-4.7.3-1]", MALFORMED, raw(0x30, "t", props(0x08, ""))],
		["NUL in content type [MQTT-1.5.4-2]", MALFORMED, raw(0x30, "t", props(0x03, "a\0"))],
		["NUL in a user property's name", MALFORMED, raw(0x30, "t", props(0x26, "\0", "v"))],
		["ill-formed text in a user property's value", MALFORMED, raw(0x30, "t", props(0x26, "n", 0, 1, 0xff))],
		["a user property without value", MALFORMED, raw(0x30, "t", props(0x26, "n"))],
		["a length beyond the packet", MALFORMED, raw(0x30, "t", 5, 0x01, 1)],
		["a length that cuts a property", MALFORMED, raw(0x30, "t", 4, 0x02, 0, 0, 0, 9)],
		["a length of five bytes", MALFORMED, raw(0x30, "t", [128, 128, 128, 128, 1])],
		["a length not minimal [MQTT-1.5.5-1]", MALFORMED, raw(0x30, "t", 0x80, 0)],
		["a missing length", MALFORMED, raw(0x30, "t")],
		["session expiry twice in DISCONNECT", PROTOCOL_ERROR, raw(0xe0, 0, props([17, 0, 0, 0, 1], [17, 0, 0, 0, 1]))],
	])("%s", (_name, reasonCode, packet) => {
		expect(checkPacket(packet, 5)?.reasonCode).toBe(reasonCode);
	});

	test("not for ten thousand user properties", () => {
		const many = props(Array.from({ length: 10_000 }, () => [0x26, "n", "v"]));
		expect(checkPacket(raw(0x30, "t", many), 5)).toBeUndefined();
	});
});
