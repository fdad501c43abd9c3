import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type FlowRun, runFlows } from "../helpers/flow-run";
import { connect, type TestClient } from "../helpers/mqtt-client";
import { pressed } from "../helpers/pressed";

let folder: string;
let run: FlowRun;
let guest: TestClient;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "flowbroker-guest-"));
	const flow = pressed("access/guest-network", ["let a guest in"], folder);
	// Three seconds: what is real here is the clock of the broker.
	const env = { GUEST_HOURS: String(3 / 3600) };
	run = await runFlows({ flows: [flow], data: folder, env, now: new Date().toISOString() });
	await run.advance(1);
	await run.sees("password: '");
	const password = /password: '([^']+)'/.exec(run.output())?.[1] ?? "";
	guest = await connect(run.url, { username: "guest", password, protocolVersion: 5 });
}, 60_000);

afterAll(async () => {
	await guest?.close();
	expect(await run?.stop()).toBe(0);
	await rm(folder, { recursive: true, force: true });
});

test("a guest may use topics of its own", async () => {
	await guest.mqtt.subscribeAsync("guests/guest/#");
	await guest.mqtt.publishAsync("guests/guest/hello", "here I am", { qos: 1 });
	await guest.next(({ text }) => text === "here I am");
	await run.sees("here I am");
});

test("a guest may use no other topics, and who owns the home is told what was tried", async () => {
	await expect(guest.mqtt.publishAsync("home/door/set", "open", { qos: 1 })).rejects.toThrow(/not authorized/i);
	await run.sees("home/door/set");
});

test("a guest is disconnected when the time is over, and cannot come back", async () => {
	if (guest.mqtt.connected) await new Promise<void>((resolve) => guest.mqtt.once("close", () => resolve()));
	const { username, password } = guest.mqtt.options;
	const back = connect(run.url, { ...(username && { username }), ...(password && { password }), protocolVersion: 5 });
	await expect(back).rejects.toThrow(/not authorized|bad user/i);
});
