import { describe, expect, test } from "@jest/globals";
import { type ConnectFacts, checkConnect, connackCode } from "../../../broker/wire";
import { type Part, props, raw } from "./raw-packet";
import { validConnects } from "./valid-packets";

const MALFORMED = 0x81;
const PROTOCOL_ERROR = 0x82;

describe("a valid CONNECT passes", () => {
	test.each(validConnects.map(({ name, version, packet }) => [version, name, packet] as const))(
		"MQTT %i: %s",
		(version, _name, packet) => {
			expect(checkConnect(packet)).toMatchObject({ problem: undefined, protocolVersion: version });
		},
	);

	test("and says what the client asks for", () => {
		const full = validConnects.find(({ name, version }) => version === 5 && name.includes("everything"));
		expect(checkConnect(full?.packet as Buffer)).toEqual({
			problem: undefined,
			protocolVersion: 5,
			bridge: false,
			clientId: "häuschen",
			cleanStart: false,
			keepAlive: 60,
			username: "anna",
			hasPassword: true,
			hasWill: true,
			willTopic: "gone/a",
			hasAuthenticationMethod: true,
			sessionExpiryInterval: 4_294_967_295,
			receiveMaximum: 20,
			maximumPacketSize: 1_000_000,
			topicAliasMaximum: 10,
		} satisfies ConnectFacts);
	});

	test("and what it does not ask for has the standard's defaults", () => {
		expect(checkConnect(raw(0x10, "MQTT", 5, 0, 0, 0, 0, ""))).toMatchObject({
			username: undefined,
			hasPassword: false,
			hasWill: false,
			willTopic: undefined,
			hasAuthenticationMethod: false,
			sessionExpiryInterval: 0,
			receiveMaximum: 65_535,
			maximumPacketSize: undefined,
			topicAliasMaximum: 0,
		});
	});

	test("and a session of 3.1.1 that is not clean never expires", () => {
		expect(checkConnect(raw(0x10, "MQTT", 4, 0, 0, 0, "a"))).toMatchObject({ sessionExpiryInterval: 0xffff_ffff });
		expect(checkConnect(raw(0x10, "MQTT", 4, 2, 0, 0, "a"))).toMatchObject({ sessionExpiryInterval: 0 });
	});

	test("and an empty user name is not the same as none", () => {
		expect(checkConnect(raw(0x10, "MQTT", 4, 0x82, 0, 0, "a", ""))).toMatchObject({ username: "" });
	});

	test("and a bridge is told from a client", () => {
		expect(checkConnect(raw(0x10, "MQTT", 0x84, 2, 0, 0, "a"))).toMatchObject({ bridge: true, protocolVersion: 4 });
		expect(checkConnect(raw(0x10, "MQIsdp", 0x83, 2, 0, 0, "a"))).toMatchObject({ bridge: true, protocolVersion: 3 });
	});
});

describe("CONNECT of any version is refused", () => {
	const versions = [
		["3.1", 3, ["MQIsdp", 3], []],
		["3.1.1", 4, ["MQTT", 4], []],
		["5", 5, ["MQTT", 5], [0]],
	] as const;
	const rows: [string, number, (start: Part, none: Part) => Buffer][] = [
		["the reserved flag [MQTT-3.1.2-3]", MALFORMED, (start, none) => raw(0x10, start, 3, 0, 0, none, "a")],
		["will QoS 3 [MQTT-3.1.2-12]", MALFORMED, (s, n) => raw(0x10, s, 0x1e, 0, 0, n, "a", n, "w", "x")],
		["will QoS without will [MQTT-3.1.2-11]", MALFORMED, (s, n) => raw(0x10, s, 0x0a, 0, 0, n, "a")],
		["will retain without will [MQTT-3.1.2-13]", MALFORMED, (s, n) => raw(0x10, s, 0x22, 0, 0, n, "a")],
		["an empty will topic [MQTT-4.7.3-1]", MALFORMED, (s, n) => raw(0x10, s, 6, 0, 0, n, "a", n, "", "x")],
		["# in the will topic", MALFORMED, (s, n) => raw(0x10, s, 6, 0, 0, n, "a", n, "w/#", "x")],
		["+ in the will topic", MALFORMED, (s, n) => raw(0x10, s, 6, 0, 0, n, "a", n, "+", "x")],
		["NUL in the will topic", MALFORMED, (s, n) => raw(0x10, s, 6, 0, 0, n, "a", n, "w\0", "x")],
		["ill-formed will topic [MQTT-3.1.3-11]", MALFORMED, (s, n) => raw(0x10, s, 6, 0, 0, n, "a", n, 0, 1, 0xff, "x")],
		["101 levels in the will topic", 0x90, (s, n) => raw(0x10, s, 6, 0, 0, n, "a", n, "/".repeat(100), "x")],
		["a will without topic", MALFORMED, (s, n) => raw(0x10, s, 6, 0, 0, n, "a", n)],
		["a will without message", MALFORMED, (s, n) => raw(0x10, s, 6, 0, 0, n, "a", n, "w")],
		["NUL in the client id [MQTT-1.5.4-2]", MALFORMED, (s, n) => raw(0x10, s, 2, 0, 0, n, "a\0")],
		["ill-formed client id [MQTT-3.1.3-4]", MALFORMED, (s, n) => raw(0x10, s, 2, 0, 0, n, 0, 2, 0x61, 0x80)],
		["a surrogate in the client id", MALFORMED, (s, n) => raw(0x10, s, 2, 0, 0, n, 0, 3, [0xed, 0xa0, 0x80])],
		["NUL in the user name [MQTT-1.5.4-2]", MALFORMED, (s, n) => raw(0x10, s, 0x82, 0, 0, n, "a", "u\0")],
		["ill-formed user name [MQTT-3.1.3-12]", MALFORMED, (s, n) => raw(0x10, s, 0x82, 0, 0, n, "a", 0, 1, 0xc0)],
		["no user name [MQTT-3.1.2-17]", MALFORMED, (s, n) => raw(0x10, s, 0x82, 0, 0, n, "a")],
		["no password [MQTT-3.1.2-19]", MALFORMED, (s, n) => raw(0x10, s, 0xc2, 0, 0, n, "a", "u")],
		["a user name without flag [MQTT-3.1.2-16]", MALFORMED, (s, n) => raw(0x10, s, 2, 0, 0, n, "a", "u")],
		["a password that is cut", MALFORMED, (s, n) => raw(0x10, s, 0xc2, 0, 0, n, "a", "u", 0, 9, 1)],
		["one byte too many", MALFORMED, (s, n) => raw(0x10, s, 2, 0, 0, n, "a", 0)],
		["no client id [MQTT-3.1.3-3]", MALFORMED, (s, n) => raw(0x10, s, 2, 0, 0, n)],
		["no keep alive", MALFORMED, (s) => raw(0x10, s, 2, 0)],
		["no flags", MALFORMED, (s) => raw(0x10, s)],
	];
	const table = rows.flatMap(([name, code, packet]) =>
		versions.map(([label, version, start, none]) => [name, label, version, code, packet(start, none)] as const),
	);

	test.each(table)("%s (MQTT %s)", (_name, _label, version, reasonCode, packet) => {
		expect(checkConnect(packet)).toMatchObject({ problem: { reasonCode }, protocolVersion: version });
	});
});

describe("CONNECT is refused", () => {
	/** A CONNECT of MQTT 5 with these properties. */
	const with5 = (...parts: Part[]) => raw(0x10, "MQTT", 5, 2, 0, 0, props(...parts), "a");
	const willWith5 = (...parts: Part[]) => raw(0x10, "MQTT", 5, 6, 0, 0, 0, "a", props(...parts), "w", "x");

	test.each<[string, number, number | undefined, Buffer]>([
		["a name that is not MQTT [MQTT-3.1.2-1]", 0x84, undefined, raw(0x10, "AMQP", 4, 2, 0, 0, "a")],
		["an empty name", 0x84, undefined, raw(0x10, "", 4, 2, 0, 0, "a")],
		["mqtt in lower case", 0x84, undefined, raw(0x10, "mqtt", 4, 2, 0, 0, "a")],
		["an ill-formed name", MALFORMED, undefined, raw(0x10, 0, 1, 0xff, 4, 2, 0, 0, "a")],
		["level 6 [MQTT-3.1.2-2]", 0x84, 4, raw(0x10, "MQTT", 6, 2, 0, 0, 0, "a")],
		["level 3 by the name of level 4", 0x84, 4, raw(0x10, "MQTT", 3, 2, 0, 0, "a")],
		["level 4 by the name of level 3", 0x84, 4, raw(0x10, "MQIsdp", 4, 2, 0, 0, "a")],
		["the bridge bit on level 5", 0x84, 4, raw(0x10, "MQTT", 0x85, 2, 0, 0, 0, "a")],
		["level 0", 0x84, 4, raw(0x10, "MQTT", 0, 2, 0, 0, "a")],
		["an empty client id in 3.1", 0x85, 3, raw(0x10, "MQIsdp", 3, 2, 0, 0, "")],
		["an empty client id with a kept session [MQTT-3.1.3-8]", 0x85, 4, raw(0x10, "MQTT", 4, 0, 0, 0, "")],
		["a password without user in 3.1", MALFORMED, 3, raw(0x10, "MQIsdp", 3, 0x42, 0, 0, "a", "p")],
		["a password without user in 3.1.1 [MQTT-3.1.2-22]", MALFORMED, 4, raw(0x10, "MQTT", 4, 0x42, 0, 0, "a", "p")],
		["another packet type", PROTOCOL_ERROR, undefined, raw(0xc0)],
		["flags in the first byte", MALFORMED, undefined, raw(0x11, "MQTT", 4, 2, 0, 0, "a")],
		["no byte at all", MALFORMED, undefined, Buffer.alloc(0)],
		["an empty body", MALFORMED, undefined, raw(0x10)],
		["a length that does not end", MALFORMED, undefined, Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 1])],
		[
			"a length one too large",
			MALFORMED,
			undefined,
			Buffer.from([0x10, 14, 0, 4, 77, 81, 84, 84, 4, 2, 0, 0, 0, 1, 97]),
		],
		[
			"a length one too small",
			MALFORMED,
			undefined,
			Buffer.from([0x10, 12, 0, 4, 77, 81, 84, 84, 4, 2, 0, 0, 0, 1, 97]),
		],
		[
			"a length not minimal [MQTT-1.5.5-1]",
			MALFORMED,
			5,
			Buffer.concat([Buffer.from([0x10, 0x8e, 0]), raw(0x10, "MQTT", 5, 2, 0, 0, 0, "a").subarray(2)]),
		],
		["receive maximum 0", PROTOCOL_ERROR, 5, with5(0x21, 0, 0)],
		["maximum packet size 0", PROTOCOL_ERROR, 5, with5(0x27, 0, 0, 0, 0)],
		["request problem information 2", PROTOCOL_ERROR, 5, with5(0x17, 2)],
		["request response information 255", PROTOCOL_ERROR, 5, with5(0x19, 255)],
		["authentication data without method", PROTOCOL_ERROR, 5, with5(0x16, "d")],
		["session expiry twice", PROTOCOL_ERROR, 5, with5([0x11, 0, 0, 0, 1], [0x11, 0, 0, 0, 1])],
		["a property of PUBLISH", MALFORMED, 5, with5(0x01, 1)],
		["a will property outside the will", MALFORMED, 5, with5(0x18, 0, 0, 0, 1)],
		["a property of a server", MALFORMED, 5, with5(0x13, 0, 1)],
		["properties that run out of their section", MALFORMED, 5, raw(0x10, "MQTT", 5, 2, 0, 0, 3, 0x11, 0, 0, "a")],
		["a topic alias in the will", MALFORMED, 5, willWith5(0x23, 0, 1)],
		["will delay twice", PROTOCOL_ERROR, 5, willWith5([0x18, 0, 0, 0, 1], [0x18, 0, 0, 0, 1])],
		["payload format indicator 2 in the will", PROTOCOL_ERROR, 5, willWith5(0x01, 2)],
		["a wildcard in the will's response topic", MALFORMED, 5, willWith5(0x08, "#")],
	])("%s", (_name, reasonCode, protocolVersion, packet) => {
		const found = checkConnect(packet);
		expect(found.problem?.reasonCode).toBe(reasonCode);
		expect(found.protocolVersion).toBe(protocolVersion);
	});

	test("with a CONNACK only where the client's version knows a code for it", () => {
		const code = (packet: Buffer) => {
			const { problem, protocolVersion } = checkConnect(packet);
			return problem && protocolVersion && connackCode(problem, protocolVersion);
		};
		expect(code(raw(0x10, "MQTT", 9, 2, 0, 0, "a"))).toBe(1);
		expect(code(raw(0x10, "MQTT", 4, 0, 0, 0, ""))).toBe(2);
		expect(code(raw(0x10, "MQTT", 4, 3, 0, 0, "a"))).toBeUndefined();
		expect(code(raw(0x10, "MQTT", 5, 3, 0, 0, 0, "a"))).toBe(0x81);
	});
});
