import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { connect, type TestClient } from "../helpers/mqtt-client";
import { findProgram, type Output, run, start } from "../helpers/peer-program";
import { setPassword } from "./mosquitto/files";
import { type Pair, startPair } from "./mosquitto/pair";

const LOGIN = ["-u", "rajan", "-P", "rajan pw"];
const HELLO = ["-t", "greetings", "-m", "Hello world MQTT", "-i", "hello", "-d"];

describe("Mosquitto's clients print with our broker what they print with Mosquitto", () => {
	let folder: string;
	let pair: Pair;
	let pub: string;
	let sub: string;
	const listeners: TestClient[] = [];

	beforeAll(async () => {
		folder = mkdtempSync(join(tmpdir(), "flowbroker-clients-"));
		const passwordFile = join(folder, "passwords");
		writeFileSync(passwordFile, "");
		await setPassword(passwordFile, "rajan", "rajan pw");
		pair = await startPair(folder, { anonymous: false, passwordFile });
		pub = findProgram("mosquitto_pub");
		sub = findProgram("mosquitto_sub");
		// Where nobody subscribes, Mosquitto says so to clients with MQTT 5.
		for (const port of [pair.theirs, pair.ours]) {
			const login = { username: "rajan", password: "rajan pw" };
			const listener = await connect(`mqtt://127.0.0.1:${port}`, login);
			await listener.mqtt.subscribeAsync("#");
			listeners.push(listener);
		}
	});

	afterAll(async () => {
		for (const listener of listeners) await listener.close();
		await pair.stop();
		rmSync(folder, { recursive: true });
	});

	/** The same with both. */
	async function publish(...args: readonly string[]): Promise<Output> {
		const theirs = await run(pub, ["-p", String(pair.theirs), ...args]);
		const ours = await run(pub, ["-p", String(pair.ours), ...args]);
		expect(ours).toEqual(theirs);
		return ours;
	}

	test("mosquitto_pub says each step", async () => {
		const { code, stdout } = await publish(...LOGIN, ...HELLO);
		expect(code).toBe(0);
		expect(stdout.trim().split("\n")).toEqual([
			"Client hello sending CONNECT",
			"Client hello received CONNACK (0)",
			"Client hello sending PUBLISH (d0, q0, r0, m1, 'greetings', ... (16 bytes))",
			"Client hello sending DISCONNECT",
		]);
	});

	test.each(["mqttv31", "mqttv311", "mqttv5"])("mosquitto_pub says each step at QoS 1 and 2 (%s)", async (version) => {
		for (const qos of ["1", "2"]) {
			const { code, stdout } = await publish(...LOGIN, ...HELLO, "-q", qos, "-V", version);
			expect(code).toBe(0);
			expect(stdout).toContain(qos === "1" ? "received PUBACK (Mid: 1, RC:0)" : "received PUBCOMP (Mid: 1, RC:0)");
		}
	});

	test.each([
		["mqttv311", 5, "Connection error: Connection Refused: not authorised.\n"],
		["mqttv5", 135, "Connection error: Not authorized\n"],
	])("mosquitto_pub is refused without user and with a wrong password (%s)", async (version, code, text) => {
		for (const login of [[], ["-u", "rajan"], ["-u", "rajan", "-P", "wrong"], ["-u", "nobody", "-P", "rajan pw"]]) {
			const output = await publish(...login, ...HELLO, "-V", version);
			expect(output.code).toBe(code);
			expect(output.stdout).toContain(`received CONNACK (${code})`);
			expect(output.stderr).toContain(text.trim());
		}
	});

	test("mosquitto_sub says each step and prints the messages", async () => {
		const outputs: Output[] = [];
		for (const port of [pair.theirs, pair.ours]) {
			// The retained message tells that the subscription is there: debug lines stay in the reader's buffer.
			await run(pub, ["-p", String(port), ...LOGIN, "-t", "other/kept", "-m", "ready", "-q", "1", "-r"]);
			const args = ["-p", String(port), ...LOGIN, "-i", "listener", "-t", "greetings", "-t", "other/#", "-q", "1"];
			const listener = start(sub, [...args, "-C", "3", "-W", "20", "-d", "-v"]);
			await listener.line((line) => line === "other/kept ready");
			await run(pub, ["-p", String(port), ...LOGIN, "-t", "greetings", "-m", "one", "-q", "1"]);
			await run(pub, ["-p", String(port), ...LOGIN, "-t", "other/x", "-m", "two", "-q", "1"]);
			outputs.push(await listener.ended);
		}
		// A broker may count its packets from where it likes.
		const [theirs, ours] = outputs.map(({ stdout, ...others }) => ({
			...others,
			stdout: stdout.replace(/(?<=received PUBLISH \(.*|sending PUBACK \()m\d+/g, "mN"),
		}));
		expect(ours).toEqual(theirs);
		expect(ours?.stdout).toContain("greetings one\n");
		expect(ours?.stdout).toContain("other/x two\n");
	});

	test("the properties of MQTT 5 reach the subscriber", async () => {
		const properties = [
			...["-D", "publish", "user-property", "room", "kitchen"],
			...["-D", "publish", "user-property", "room", "cellar"],
			...["-D", "publish", "content-type", "text/plain"],
			...["-D", "publish", "response-topic", "answers/here"],
			...["-D", "publish", "correlation-data", "number 7"],
			...["-D", "publish", "message-expiry-interval", "3600"],
			...["-D", "publish", "payload-format-indicator", "1"],
		];
		const seen: string[] = [];
		for (const port of [pair.theirs, pair.ours]) {
			const base = ["-p", String(port), ...LOGIN, "-V", "mqttv5"];
			const format = "%t|%p|%P|%C|%R|%D|%F|%E";
			await run(pub, [...base, "-t", "greetings/kept", "-m", "Hello", "-r", "-q", "1", ...properties]);
			const listener = start(sub, [...base, "-t", "greetings/#", "-F", format, "-C", "2", "-W", "20", "-q", "1"]);
			await listener.line((line) => line.startsWith("greetings/kept"));
			await run(pub, [...base, "-t", "greetings/live", "-m", "Hello", "-q", "1", ...properties]);
			seen.push((await listener.ended).stdout);
		}
		// What is left of the expiry may be told a second later.
		const [theirs, ours] = seen.map((text) => text.replace(/\|(3600|359\d)$/gm, "|about 3600"));
		expect(ours).toBe(theirs);
		const told = "room:kitchen room:cellar|text/plain|answers/here|number 7|1|about 3600";
		expect(ours).toBe(`greetings/kept|Hello|${told}\ngreetings/live|Hello|${told}\n`);
	});
});
