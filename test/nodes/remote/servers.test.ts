import { describe, expect, test } from "@jest/globals";
import { pauseAfter } from "../../../nodes/broker/remote/backoff";
import { describeServer, parseServers } from "../../../nodes/broker/remote/servers";

const read = (text: string, port?: number, tls = false) => parseServers(text, port, tls).servers.map(describeServer);

describe("the servers of a connection", () => {
	test.each<[string, number | undefined, boolean, string[]]>([
		["", undefined, false, ["mqtt://localhost:1883"]],
		["pi.local", 1884, false, ["mqtt://pi.local:1884"]],
		["pi.local", undefined, true, ["mqtts://pi.local:8883"]],
		["fe80::1", 1883, false, ["mqtt://[fe80::1]:1883"]],
		["[::1]:1884", 1883, false, ["mqtt://[::1]:1884"]],
		["one:1, two ,three:3", 1883, false, ["mqtt://one:1", "mqtt://two:1883", "mqtt://three:3"]],
		["tcp://pi.local", 1884, false, ["mqtt://pi.local:1883"]],
		["ssl://pi.local", undefined, false, ["mqtts://pi.local:8883"]],
		["mqtt://[::1]:1884", undefined, true, ["mqtts://[::1]:1884"]],
		["ws://pi.local/mqtt?a=b", undefined, false, ["ws://pi.local:80/mqtt?a=b"]],
		["ws://pi.local:9001", undefined, true, ["wss://pi.local:9001/"]],
	])("are read of %p with port %p and TLS %p", (text, port, tls, expected) => {
		expect(read(text, port, tls)).toEqual(expected);
	});

	test("may have user and password in the URL, which nobody is shown", () => {
		expect(parseServers("mqtt://anna:p%40ss@pi.local", undefined, false)).toMatchObject({
			user: "anna",
			password: "p@ss",
		});
		expect(() => parseServers("http://anna:secret@pi.local", undefined, false)).toThrow(
			expect.objectContaining({ message: expect.not.stringContaining("secret") }),
		);
	});

	test.each(["http://pi.local", "pi.local/path", "mqtt://", "pi:99999"])("can't be read of %p", (text) => {
		expect(() => read(text)).toThrow(expect.objectContaining({ code: "OPTION_INVALID" }));
	});
});

describe("the pause before the next attempt", () => {
	const pause = { minimum: 1_000, maximum: 30_000 };

	test("grows from the minimum to the maximum, with half of it left to chance", () => {
		expect([1, 2, 3, 4, 5, 6, 100].map((failures) => pauseAfter(failures, 1, pause, 1))).toEqual([
			2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000,
		]);
		expect([1, 2, 6, 100].map((failures) => pauseAfter(failures, 1, pause, 0))).toEqual([1_000, 2_000, 15_000, 15_000]);
	});

	test("grows when all servers have failed", () => {
		expect([1, 2, 3, 4, 5].map((failures) => pauseAfter(failures, 2, pause, 0))).toEqual([
			1_000, 1_000, 2_000, 2_000, 4_000,
		]);
	});
});
