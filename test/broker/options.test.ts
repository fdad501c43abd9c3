import { describe, expect, test } from "@jest/globals";
import { defaultBrokerOptions, parseBrokerOptions } from "../../broker";

describe("parseBrokerOptions", () => {
	test("fills in the defaults", () => {
		expect(parseBrokerOptions({})).toEqual(defaultBrokerOptions);
	});

	test("allows anonymous clients by default only while every listener is bound to this machine", () => {
		expect(parseBrokerOptions({ listeners: [{ host: "::1" }] }).anonymous).toBe(true);
		expect(parseBrokerOptions({ listeners: [{ host: "0.0.0.0" }] }).anonymous).toBe(false);
		expect(parseBrokerOptions({ listeners: [{}, { name: "lan", host: "192.168.1.4" }] }).anonymous).toBe(false);
		expect(parseBrokerOptions({ listeners: [{ host: "::" }], anonymous: true }).anonymous).toBe(true);
	});

	test.each([
		[null, "The settings must be an object, not null."],
		[{ listeners: [] }, "The setting listeners must be a list with at least one listener."],
		[
			{ listeners: [{ port: "1883" }] },
			'The setting listeners[0].port must be a whole number from 0 to 65535, not "1883".',
		],
		[
			{ listeners: [{ port: 70_000 }] },
			"The setting listeners[0].port must be a whole number from 0 to 65535, not 70000.",
		],
		[{ listeners: [{ host: " " }] }, 'The setting listeners[0].host must be a text that is not empty, not " ".'],
		[
			{ listeners: [{ kind: "udp" }] },
			'The setting listeners[0].kind must be "tcp" or "tls" or "ws" or "wss" or "unix", not "udp".',
		],
		[
			{ listeners: [{ name: "a" }, { name: "a" }] },
			'The setting listeners must not hold two with the name "a"; give each its own.',
		],
		[{ anonymous: "yes" }, 'The setting anonymous must be true or false, not "yes".'],
		[
			{ limits: { packetSize: 1 } },
			"The setting limits.packetSize must be a whole number from 128 to 268435460, not 1.",
		],
		[
			{ prot: 1 },
			"The setting prot is not a setting; known here are listeners, anonymous, limits, access, store, sysInterval, serverReference.",
		],
	])("refuses %j and says where and what may stand there", (input, sentence) => {
		expect(() => parseBrokerOptions(input)).toThrow(
			expect.objectContaining({ code: "OPTION_INVALID", message: sentence }),
		);
	});
});
