import { chmodSync, renameSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import mqtt from "mqtt";
import { type FlowbrokerProcess, Workshop } from "./flowbroker-process";

let workshop: Workshop;

beforeAll(() => {
	workshop = new Workshop();
});

afterAll(() => workshop.remove());

const tab = { id: "t", type: "tab", label: "Home" };
const broker = { id: "b", type: "flowbroker-broker", name: "House" };

/** A Function node that says when it is made and when it is closed. */
function speaker(id: string, text: string, further: object = {}): object {
	const initialize = `node.warn('made ${text}');`;
	const finalize = `node.warn('closed ${text}');`;
	return {
		id,
		type: "function",
		z: "t",
		func: "",
		initialize,
		finalize,
		outputs: 1,
		libs: [],
		wires: [[]],
		...further,
	};
}

/** Writes a new version as an editor does: beside, then over the old one. */
function replace(name: string, nodes: unknown): void {
	workshop.write(`cwd/${name}.new`, nodes);
	renameSync(join(workshop.cwd, `${name}.new`), join(workshop.cwd, name));
}

async function start(name: string, nodes: unknown, ...options: string[]): Promise<FlowbrokerProcess> {
	workshop.write(`cwd/${name}`, nodes);
	const command = workshop.start(["run", name, ...options]);
	await command.sees("is running");
	return command;
}

const done = "was read again, and what has changed is running";
const refused = "The changed flow is not used; what ran before goes on running.";

describe("flowbroker run reads a changed flow", () => {
	test("when it is saved, with --watch, and makes only the changed nodes anew", async () => {
		const command = await start("saved.json", [tab, broker, speaker("x", "x1"), speaker("y", "y1")], "--watch");
		await command.sees("made y1");
		replace("saved.json", [tab, broker, speaker("x", "x2"), speaker("y", "y1", { x: 9 }), speaker("z", "z1")]);
		await command.sees(done);
		await command.sees("made z1");
		expect(command.stderr).toContain("closed x1");
		expect(command.stderr).toContain("made x2");
		expect(command.stderr.match(/y1/g)).toHaveLength(1);
		expect(command.stdout).not.toContain("fake broker closing");
		expect((await command.stop()).code).toBe(0);
	});

	test("on SIGHUP, without --watch", async () => {
		const command = await start("hup.json", [tab, speaker("x", "x1")]);
		await command.sees("made x1");
		replace("hup.json", [tab, speaker("x", "x2")]);
		command.signal("SIGHUP");
		await command.sees("made x2");
		await command.sees(done);
		expect((await command.stop()).code).toBe(0);
	});

	test("as often as it changes, and runs the last version", async () => {
		const command = await start("often.json", [tab, speaker("x", "v0")], "--watch");
		for (let version = 1; version <= 20; version++) {
			replace("often.json", [tab, speaker("x", `v${version}`)]);
			command.signal("SIGHUP");
		}
		await command.sees("made v20");
		const { code, stderr } = await command.stop();
		expect(stderr.trim().split("\n").at(-1)).toContain("closed v20");
		expect(stderr.match(/made/g)?.length).toBe(stderr.match(/closed/g)?.length);
		expect(code).toBe(0);
	});

	test("with nodes of other kinds than before, with --watch", async () => {
		const command = await start("kinds.json", [tab], "--watch");
		replace("kinds.json", [
			tab,
			{ id: "d", type: "delay", z: "t", pauseType: "delay", wires: [[]] },
			speaker("x", "x1"),
		]);
		await command.sees("made x1");
		await command.sees(done);
		expect((await command.stop()).stderr).not.toContain("error");
	});

	test("as one with a new secret, which reaches its node alone", async () => {
		const vault = `module.exports = (RED) => { function Vault(config) { RED.nodes.createNode(this, config);
			console.log("vault " + this.id + " " + this.credentials.password.length); }
			RED.nodes.registerType("vault", Vault, { credentials: { password: { type: "password" } } }); };`;
		const folder = "data/node_modules/contrib-vault";
		workshop.write("data/package.json", {});
		workshop.write(`${folder}/package.json`, {
			name: "contrib-vault",
			version: "1.0.0",
			"node-red": { nodes: { v: "v.js" } },
		});
		workshop.write(`${folder}/v.js`, vault);
		const secrets = (password: string) => JSON.stringify({ v: { password }, w: { password: "1234" } });
		const file = workshop.write("cwd/secrets.json", secrets("12345"));
		chmodSync(file, 0o600);
		const nodes = [tab, { id: "v", type: "vault", z: "t" }, { id: "w", type: "vault", z: "t" }];
		const command = await start("vault.json", nodes, "--data", "../data", "--secrets", "secrets.json", "--watch");
		workshop.write("cwd/secrets.json", secrets("1234567"));
		await command.sees("vault v 7");
		await command.sees(done);
		const { stdout } = await command.stop();
		expect(stdout.match(/^vault .*/gm)?.sort()).toEqual(["vault v 5", "vault v 7", "vault w 4"]);
	});
});

describe("flowbroker run goes on with what runs", () => {
	test.each<[string, unknown, string]>([
		["is damaged", '[{"id": "t", "type": "tab"', "broken.json is incomplete"],
		["is empty", "", "broken.json is empty"],
		["has an unknown node type", [tab, { id: "u", type: "no such" }], 'the node type "no such" is not installed'],
		[
			"needs a secret",
			[tab, { id: "h", type: "http request", z: "t", authType: "bearer" }],
			'needs the secret "password"',
		],
		[
			"needs a package that is not there",
			[tab, speaker("x", "x2", { libs: [{ var: "q", module: "no-such-package" }] })],
			"could not be loaded: no-such-package",
		],
	])("when the changed flow %s, and takes the next sound one", async (_what, content, says) => {
		const command = await start("broken.json", [tab, broker, speaker("x", "x1")], "--watch");
		await command.sees("made x1");
		replace("broken.json", content);
		await command.sees(says);
		await command.sees(refused);
		expect(command.stdout).not.toContain("fake broker closing");
		replace("broken.json", [tab, broker, speaker("x", "x3")]);
		await command.sees("made x3");
		await command.sees(done);
		expect((await command.stop()).code).toBe(0);
	});

	test("when the file is gone for a while", async () => {
		const command = await start("gone.json", [tab, speaker("x", "x1")], "--watch");
		renameSync(join(workshop.cwd, "gone.json"), join(workshop.cwd, "gone.away"));
		await command.sees("gone.json can't be read: there is no such file");
		replace("gone.json", [tab, speaker("x", "x2")]);
		await command.sees("made x2");
		expect((await command.stop()).code).toBe(0);
	});

	test("when a signal brings nodes that were not loaded at the start", async () => {
		const command = await start("unloaded.json", [tab, speaker("x", "x1")]);
		replace("unloaded.json", [tab, { id: "d", type: "delay", z: "t", wires: [[]] }]);
		command.signal("SIGHUP");
		await command.sees("nodes that were not loaded at the start (delay)");
		await command.sees(refused);
		expect((await command.stop()).code).toBe(0);
	});
});

test("clients of the broker stay connected while the flow around it changes", async () => {
	const port = "$" + "{FLOWBROKER_PORT}";
	const house = { id: "b", type: "flowbroker-broker", port };
	const receive = {
		id: "i",
		type: "flowbroker-in",
		z: "t",
		broker: "b",
		topic: "ask",
		datatype: "utf8",
		wires: [["f"]],
	};
	const answer = (text: string) => ({
		id: "f",
		type: "change",
		z: "t",
		rules: [{ t: "set", p: "payload", pt: "msg", to: text, tot: "str" }],
		wires: [["o"]],
	});
	const send = { id: "o", type: "flowbroker-out", z: "t", broker: "b", topic: "answer", wires: [] };
	workshop.write("cwd/real.json", [tab, house, receive, answer("one"), send]);
	const command = workshop.startReal(["run", "real.json", "--watch", "--port", "0"]);
	await command.sees("is running");
	const url = `mqtt://127.0.0.1:${/127\.0\.0\.1:(\d+)/.exec(command.stdout)?.[1]}`;
	const client = await mqtt.connectAsync(url);
	try {
		let closed = 0;
		client.on("close", () => closed++);
		await client.subscribeAsync("answer");
		const ask = async () => {
			const answered = new Promise<string>((resolve) =>
				client.once("message", (_topic, payload) => resolve(String(payload))),
			);
			await client.publishAsync("ask", "?");
			return answered;
		};
		expect(await ask()).toBe("one");
		replace("real.json", [tab, house, receive, answer("two"), send]);
		await command.sees(done);
		expect(await ask()).toBe("two");
		expect(closed).toBe(0);
	} finally {
		await client.endAsync();
	}
	expect((await command.stop()).code).toBe(0);
});
