import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type FlowRun, runFlows } from "../helpers/flow-run";
import { connect, type TestClient } from "../helpers/mqtt-client";
import { pressed } from "../helpers/pressed";

let folder: string;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "flowbroker-guest-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Somebody has pressed the button that lets a guest in. */
async function guestFor(hours: number, data: string): Promise<{ run: FlowRun; login: () => Promise<TestClient> }> {
	const flow = pressed("access/guest-network", ["let a guest in"], folder);
	// The clock of the flows begins at the real time, for that is what the broker goes by.
	const env = { GUEST_HOURS: String(hours) };
	const run = await runFlows({ flows: [flow], data: join(folder, data), env, now: new Date().toISOString() });
	await run.advance(1);
	await run.sees("password: '");
	const password = /password: '([^']+)'/.exec(run.output())?.[1] ?? "";
	return { run, login: () => connect(run.url, { username: "guest", password, protocolVersion: 5 }) };
}

test("a guest may use topics of its own and no others, and who owns the home is told what was tried", async () => {
	const { run, login } = await guestFor(1, "one");
	await using _ended = run;
	const guest = await login();
	await guest.mqtt.subscribeAsync("guests/guest/#");
	await guest.mqtt.publishAsync("guests/guest/hello", "here I am", { qos: 1 });
	await guest.next(({ text }) => text === "here I am");
	await run.sees("here I am");
	await expect(guest.mqtt.publishAsync("home/door/set", "open", { qos: 1 })).rejects.toThrow(/not authorized/i);
	await run.sees("home/door/set");
	await guest.close();
	expect(await run.stop()).toBe(0);
}, 40_000);

test("a guest is disconnected when the time is over, and can't come back", async () => {
	const { run, login } = await guestFor(2 / 3600, "two");
	await using _ended = run;
	// On a busy machine the two seconds may be over before the first login.
	const guest = await login().catch(() => undefined);
	if (guest?.mqtt.connected) await new Promise<void>((resolve) => guest.mqtt.once("close", () => resolve()));
	await expect(login()).rejects.toThrow(/not authorized|bad user/i);
	expect(await run.stop()).toBe(0);
}, 40_000);
