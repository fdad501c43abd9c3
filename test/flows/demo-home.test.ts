import { watch } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { type FlowRun, runFlows } from "../helpers/flow-run";
import { freePort } from "../helpers/free-port";
import { LookOut } from "../helpers/look-out";
import { connect } from "../helpers/mqtt-client";
import { run } from "../helpers/peer-program";

const cli = join(__dirname, "../../dist/runtime/cli.js");

const broker = "f10bd0e1a0000002";

async function addAnna(data: string): Promise<string> {
	const words = ["user", "add", "anna", "--generate", "--data", data, "--broker", broker];
	const { stdout } = await run(process.execPath, [cli, ...words]);
	const rule = await run(process.execPath, [
		cli,
		"rule",
		"add",
		"allow",
		"all",
		"home/#",
		"--user",
		"anna",
		"--data",
		data,
	]);
	expect(rule).toMatchObject({ code: 0, stderr: "" });
	return /Password, shown only now: (\S+)/.exec(stdout)?.[1] ?? "";
}

async function untilUser(name: string, data: string): Promise<void> {
	const folder = join(data, "flowbroker", broker);
	const lookOut = new LookOut();
	let found = false;
	const look = async () => {
		const text = await readFile(join(folder, "access.json"), "utf8").catch(() => "");
		found ||= text.includes(`"${name}"`);
		lookOut.changed();
	};
	const watcher = watch(folder, () => void look());
	await look();
	await lookOut.until(() => found || undefined);
	watcher.close();
}

/** Anna sees the light, and the button come and go. */
async function seesAll(home: FlowRun, password: string): Promise<void> {
	const anna = await connect(home.url, { username: "anna", password });
	await anna.mqtt.subscribeAsync("home/#");
	await anna.next(({ topic }) => topic === "home/livingroom/light");
	await home.advance(61);
	await anna.next(({ topic, text }) => topic === "home/button/status" && text === "online");
	await home.advance(11);
	await anna.next(({ topic, text }) => topic === "home/button/status" && text === "offline");
	await anna.close();
}

test("the demo home lives on when a person adds a user and only users are let in", async () => {
	const data = await mkdtemp(join(tmpdir(), "flowbroker-demo-"));
	const port = await freePort();
	{
		await using home = await runFlows({ flows: ["demo-home"], data, port });
		const early = await connect(home.url);
		const password = await addAnna(data);
		if (early.mqtt.connected) await new Promise<void>((resolve) => early.mqtt.once("close", () => resolve()));
		await home.advance(4);
		await home.sees("client button from 127.0.0.1: connect  - clients without user name are not allowed");
		await untilUser("button", data);
		await seesAll(home, password);
		expect(home.output().match(/Denied/g)).toHaveLength(1);
		expect(await home.stop()).toBe(0);
	}
	await rm(data, { recursive: true });
}, 60_000);
