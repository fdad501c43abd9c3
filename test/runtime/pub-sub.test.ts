import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { IPublishPacket } from "mqtt-packet";
import { parseClientArguments } from "../../runtime/mqtt-client/arguments";
import { messageFormat } from "../../runtime/mqtt-client/message-format";
import { connectionSettings } from "../../runtime/mqtt-client/settings";
import { timePart } from "../../runtime/mqtt-client/time-format";
import { startBroker, type TestBroker } from "../helpers/broker";
import { Workshop } from "./flowbroker-process";

let workshop: Workshop;
let house: TestBroker;

beforeAll(async () => {
	workshop = new Workshop();
	house = await startBroker();
});

afterAll(async () => {
	await house.broker.stop();
	await workshop.remove();
});

const to = () => ["-h", "127.0.0.1", "-p", String(house.port)];

describe("flowbroker pub and sub", () => {
	test("hand a message from one to the other, at every QoS and in every version", async () => {
		const watcher = workshop.start(["sub", ...to(), "-t", "home/#", "-v", "-q", "2", "-C", "9", "-W", "30", "-d"]);
		await watcher.sees("Subscribed (mid: 1)");
		for (const version of ["mqttv31", "mqttv311", "mqttv5"]) {
			for (const qos of ["0", "1", "2"]) {
				const args = ["-t", `home/${version}`, "-m", `at ${qos}`, "-q", qos, "-V", version];
				expect(await workshop.run(["pub", ...to(), ...args])).toEqual({ code: 0, stdout: "", stderr: "" });
			}
		}
		const { code, stdout } = await watcher.outcome();
		const messages = stdout.split("\n").filter((line) => line.startsWith("home/"));
		expect(messages).toEqual(
			["mqttv31", "mqttv311", "mqttv5"].flatMap((version) => [0, 1, 2].map((qos) => `home/${version} at ${qos}`)),
		);
		expect(code).toBe(0);
	});

	test("end with 27 when nothing came in time", async () => {
		const outcome = await workshop.run(["sub", ...to(), "-t", "nothing", "-W", "1"]);
		expect(outcome).toEqual({ code: 27, stdout: "", stderr: "Timed out\n" });
	});

	test.each(["SIGINT", "SIGTERM"] as const)("end with 0 on %s", async (signal) => {
		const watcher = workshop.start(["sub", ...to(), "-t", "nothing", "-d"]);
		await watcher.sees("Subscribed");
		watcher.signal(signal);
		const { code, stdout } = await watcher.outcome();
		expect(stdout).toContain("sending DISCONNECT");
		expect(code).toBe(0);
	});

	test("subscribe again when the connection was lost", async () => {
		const port = String(house.port);
		const watcher = workshop.start(["sub", ...to(), "-t", "later", "-C", "1", "-d", "-i", "patient"]);
		await watcher.sees("Subscribed (mid: 1)");
		house.broker.disconnect("patient");
		await watcher.sees("Subscribed (mid: 2)");
		await workshop.run(["pub", "-h", "127.0.0.1", "-p", port, "-t", "later", "-m", "found you"]);
		expect((await watcher.outcome()).stdout).toContain("\nfound you\n");
	});

	test("end with 7 when the broker ends the connection for the message", async () => {
		const forbidden = ["-D", "publish", "response-topic", "answers/#"];
		const outcome = await workshop.run(["pub", ...to(), "-t", "ask", "-m", "x", "-q", "1", ...forbidden]);
		expect(outcome).toEqual({ code: 7, stdout: "", stderr: "Error: The connection was lost.\n" });
	});

	test("clear a retained message that comes, when asked to", async () => {
		await workshop.run(["pub", ...to(), "-t", "old", "-m", "x", "-r"]);
		const shown = await workshop.run(["sub", ...to(), "-t", "old", "-C", "1", "--remove-retained"]);
		expect(shown.stdout).toBe("x\n");
		expect((await workshop.run(["sub", ...to(), "-t", "old", "-W", "1"])).code).toBe(27);
	});

	test("are explained by --help, with all their options", async () => {
		const { code, stdout } = await workshop.run(["sub", "--help"]);
		for (const option of ["-h, --host", "-F", "--will-topic", "FLOWBROKER_PASSWORD"]) expect(stdout).toContain(option);
		expect(code).toBe(0);
	});
});

describe("the settings of a connection", () => {
	const settings = (...args: string[]) => connectionSettings(parseClientArguments("sub", args), {});

	test.each<[string[], object]>([
		[[], { host: "localhost", port: 1883, protocolVersion: 4, clean: true, keepalive: 60, clientId: "" }],
		[["-h", "pi", "-p", "1", "-p", "2"], { host: "pi", port: 2 }],
		[["--tls-use-os-certs"], { port: 8883, tls: { checkHostName: true } }],
		[
			["-L", "mqtts://a%40b:c:d@[::1]/x/y"],
			{ host: "::1", port: 8883, username: "a@b", password: "c:d", urlTopic: "x/y" },
		],
		[["-i", "me", "-c", "-V", "5"], { clean: false, sessionExpiry: 4_294_967_295, protocolVersion: 5 }],
		[["-x", "∞"], { sessionExpiry: 4_294_967_295 }],
		[["-D", "connect", "user-property", "a", "b"], { protocolVersion: 5 }],
	])("of %j are %j", (args, expected) => {
		expect(settings(...args)).toMatchObject(expected);
	});
});

describe("a format", () => {
	const packet = {
		cmd: "publish",
		topic: "a/b",
		payload: Buffer.from([65, 0, 255]),
		qos: 1,
		retain: true,
		dup: false,
		messageId: 7,
	} as IPublishPacket;
	const moment = { date: new Date(2026, 1, 3, 14, 5, 6), nanoseconds: 12_345 };
	const formatted = (format: string) => messageFormat(format, { pretty: false })(packet, moment);

	test.each([
		["%t:%q:%r:%m:%l:%x:%X", "a/b:1:1:7:3:4100ff:4100FF"],
		["%6t|%-6t|%.1t|%08l|%%", "   a/b|a/b   |a|00000003|%"],
		["@Y-@m-@d @H:@M:@S @j @p @I @y @N @@ @Q", "2026-02-03 14:05:06 034 PM 02 26 000012345 @ %Q"],
		["\\t\\\\\\0\\e|", "\t\\\0\u001b|"],
	])("%j makes %j", (format, text) => {
		expect(formatted(format).toString()).toBe(text);
	});

	test("leaves every byte of a payload as it is", () => {
		expect(formatted("%p")).toEqual(Buffer.from([65, 0, 255]));
	});

	test("knows the first and the last day of a year", () => {
		expect(timePart("j", { date: new Date(2024, 0, 1), nanoseconds: 0 })).toBe("001");
		expect(timePart("j", { date: new Date(2024, 11, 31), nanoseconds: 0 })).toBe("366");
	});
});
