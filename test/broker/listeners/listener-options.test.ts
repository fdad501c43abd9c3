import { describe, expect, test } from "@jest/globals";
import { parseBrokerOptions } from "../../../broker";

const parse = (...listeners: unknown[]) => parseBrokerOptions({ listeners }).listeners;
const tls = { certFile: "server.pem", keyFile: "server-key.pem" };

describe("the settings of listeners", () => {
	test("have defaults for each kind", () => {
		const { requestCert, userFrom, minVersion } = { requestCert: "none", userFrom: "none", minVersion: "TLSv1.2" };
		expect(
			parse({}, { kind: "tls", tls }, { kind: "ws" }, { kind: "wss", tls }, { kind: "unix", path: "/run/m" }),
		).toEqual([
			{ name: "tcp", kind: "tcp", host: "127.0.0.1", port: 1883 },
			{ name: "tls-2", kind: "tls", host: "127.0.0.1", port: 8883, tls: { ...tls, requestCert, userFrom, minVersion } },
			{ name: "ws-3", kind: "ws", host: "127.0.0.1", port: 8083 },
			{ name: "wss-4", kind: "wss", host: "127.0.0.1", port: 8084, tls: { ...tls, requestCert, userFrom, minVersion } },
			{ name: "unix-5", kind: "unix", host: "localhost", port: 0, path: "/run/m" },
		]);
	});

	test("let anonymous clients in by default only while nobody else can reach the broker", () => {
		const anonymous = (listener: object) => parseBrokerOptions({ listeners: [listener] }).anonymous;
		expect(anonymous({ kind: "unix", path: "/run/m" })).toBe(true);
		expect(anonymous({ kind: "ws", host: "127.0.0.2" })).toBe(true);
		expect(anonymous({ host: "::ffff:127.0.0.1" })).toBe(true);
		expect(anonymous({ proxyProtocol: { trusted: ["127.0.0.1"] } })).toBe(false);
		expect(anonymous({ kind: "wss", host: "::", tls })).toBe(false);
	});

	test("take origins as browsers write them", () => {
		expect(parse({ kind: "ws", origins: ["HTTPS://App.Example:443", "*", "null"] })).toMatchObject([
			{ origins: ["https://app.example", "*", "null"] },
		]);
	});

	test.each([
		[{ kind: "udp" }, 'listeners[0].kind must be "tcp" or "tls" or "ws" or "wss" or "unix", not "udp"'],
		[{ path: "/mqtt" }, "listeners[0].path is not a setting"],
		[{ kind: "unix" }, "listeners[0].path must be a text that is not empty"],
		[{ kind: "unix", path: "x", port: 1 }, "listeners[0].port is not a setting"],
		[{ kind: "ws", path: "mqtt" }, "listeners[0].path must start with /"],
		[{ kind: "ws", path: "/a?b" }, "listeners[0].path must start with /"],
		[
			{ kind: "ws", origins: ["example.com"] },
			"listeners[0].origins[0] must be * or an origin as in https://example.com",
		],
		[{ kind: "ws", origins: ["https://a.example/page"] }, "listeners[0].origins[0] must be * or an origin"],
		[{ kind: "ws", origins: [] }, "listeners[0].origins must be a list with at least one entry"],
		[{ maxConnections: 0 }, "listeners[0].maxConnections must be a whole number from 1 to"],
		[{ protocolVersions: [4, 6] }, "listeners[0].protocolVersions[1] must be 3 (MQTT 3.1), 4 (3.1.1) or 5, not 6"],
		[{ users: "anna" }, "listeners[0].users must be a list"],
		[{ anonymous: "no" }, "listeners[0].anonymous must be true or false"],
		[
			{ proxyProtocol: { trusted: ["10.0.0.0/33"] } },
			"listeners[0].proxyProtocol.trusted[0] must be an address or a network",
		],
		[{ proxyProtocol: {} }, "listeners[0].proxyProtocol.trusted must be a list"],
		[{ tls }, "listeners[0].tls is not a setting"],
		[{ kind: "tls" }, "listeners[0].tls.certFile is needed"],
		[{ kind: "tls", tls: { certFile: "a" } }, "listeners[0].tls.keyFile is needed"],
		[{ kind: "tls", tls: { ...tls, cert: "x" } }, "listeners[0].tls.cert must not be given together with certFile"],
		[
			{ kind: "tls", tls: { ...tls, requestCert: "required" } },
			"listeners[0].tls.caFile is needed to check client certificates",
		],
		[{ kind: "tls", tls: { ...tls, userFrom: "cn" } }, 'listeners[0].tls.requestCert must be "optional" or "required"'],
		[
			{ kind: "tls", tls: { ...tls, minVersion: "TLSv1.1" } },
			'listeners[0].tls.minVersion must be "TLSv1.2" or "TLSv1.3"',
		],
	])("%j are refused, and the sentence says where and what may stand there", (listener, sentence) => {
		expect(() => parse(listener)).toThrow(expect.objectContaining({ code: "OPTION_INVALID" }));
		expect(() => parse(listener)).toThrow(sentence);
	});

	test("never show a key or a passphrase", () => {
		expect(() => parse({ kind: "tls", tls: { ...tls, passphrase: 12_345 } })).toThrow(
			"The setting listeners[0].tls.passphrase must be a text that is not empty.",
		);
	});
});
