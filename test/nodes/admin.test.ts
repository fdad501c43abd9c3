import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { type Broker, commandNames, type HostedBroker } from "../../broker";
import { adminDefaults, adminType } from "../../nodes/admin/properties";
import { type EmbeddedNodeRed, type FlowNode, type Msg, startNodeRed } from "../helpers/embedded-node-red";
import { connect } from "../helpers/mqtt-client";

const root = join(__dirname, "../..");
const place = { z: "tab", x: 1, y: 1 };
const tab: FlowNode = { id: "tab", type: "tab", label: "Test" };
const broker: FlowNode = { id: "broker", type: "flowbroker-broker", name: "", host: "127.0.0.1", port: 0 };
const admin: FlowNode = {
	...place,
	...adminDefaults,
	id: "admin",
	type: adminType,
	broker: "broker",
	wires: [["got"]],
};
const caught: FlowNode = { ...place, id: "catch", type: "catch", scope: null, wires: [["error"]] };
const probes: FlowNode[] = ["got", "error"].map((id) => ({ ...place, id, type: "test-probe", wires: [] }));

describe("the admin node", () => {
	let red: EmbeddedNodeRed;
	let running: Broker;
	let url: string;

	beforeAll(async () => {
		red = await startNodeRed();
	});
	afterAll(() => red.stop());
	beforeEach(async () => {
		await deploy({ users: true });
	});

	/** A broker that starts anew, without users. */
	async function deploy(properties: Record<string, unknown>, ...changed: FlowNode[]): Promise<void> {
		await red.deploy([]);
		red.clear();
		await red.deploy([
			tab,
			{ ...broker, ...properties },
			...(changed.length > 0 ? changed : [admin]),
			caught,
			...probes,
		]);
		const hosted = red.node<HostedBroker>("broker");
		await hosted.started;
		if (!hosted.broker) throw new Error("no broker");
		running = hosted.broker;
		for (const { name } of running.users?.users() ?? []) await running.users?.removeUser(name);
		url = `mqtt://127.0.0.1:${running.listeners[0]?.port}`;
	}

	/** Sends a message and waits for the next answer. */
	async function ask(message: Msg): Promise<Msg> {
		const before = red.probes.get("got")?.length ?? 0;
		red.send("admin", message);
		return (await red.received("got", before + 1))[before] as Msg;
	}

	async function failure(message: Msg): Promise<Msg & { error: { message: string } }> {
		const before = red.probes.get("error")?.length ?? 0;
		red.send("admin", message);
		return (await red.received("error", before + 1))[before] as Msg & { error: { message: string } };
	}

	const garden = { effect: "allow", action: "all", filter: "garden/#" };

	test("makes a user who logs in and works in the garden, until the right is taken away", async () => {
		const added = await ask({ command: "addUser", payload: { name: "gardener", password: "spade", rules: [garden] } });
		expect(added).toMatchObject({ command: "addUser", payload: { user: { name: "gardener", hasPassword: true } } });

		const client = await connect(url, { username: "gardener", password: "spade" });
		await client.mqtt.subscribeAsync("garden/#");
		await client.mqtt.publishAsync("garden/rose", "red", { qos: 1 });
		expect(await client.next()).toMatchObject({ topic: "garden/rose" });

		await ask({ command: "addRule", payload: { ...garden, effect: "deny", filter: "garden/rose", user: "gardener" } });
		const local = running.localClient("test");
		for (const topic of ["garden/rose", "garden/tulip"]) {
			local.publish({ topic, payload: Buffer.from("new"), qos: 0, retain: false });
		}
		await client.next(({ topic }) => topic === "garden/tulip");
		expect(client.received.map(({ topic }) => topic)).toEqual(["garden/rose", "garden/tulip"]);

		const closed = new Promise<void>((resolve) => client.mqtt.once("close", () => resolve()));
		await ask({ command: "removeUser", payload: "gardener" });
		await closed;
		await expect(connect(url, { username: "gardener", password: "spade" })).rejects.toThrow();
		client.mqtt.end(true);
	});

	test("takes the password out of the message, for a catch node too", async () => {
		const payload = { name: "a", password: "spade-secret" };
		expect(JSON.stringify(await ask({ command: "addUser", payload }))).not.toContain("spade-secret");
		const twice = await failure({ command: "addUser", payload });
		expect(twice.error.message).toContain('There is a user "a" already');
		expect(JSON.stringify(twice)).not.toContain("spade-secret");
		expect(payload.password).toBe("spade-secret");
		expect(JSON.stringify(red.log)).not.toContain("spade-secret");
	});

	test("shows a password that it made up once, and no hash ever", async () => {
		const { payload } = (await ask({ command: "addUser", payload: { name: "a", generate: true } })) as {
			payload: { password: string };
		};
		const client = await connect(url, { username: "a", password: payload.password });
		await client.close();
		for (const command of ["listUsers", "getUser", "overview", "listGroups"] as const) {
			const answer = JSON.stringify(await ask({ command, payload: command === "getUser" ? "a" : 1_700_000_000 }));
			expect(answer).not.toMatch(/argon2/);
			expect(answer).not.toContain(payload.password);
		}
	});

	test("does its own command where the message says none", async () => {
		await deploy({}, { ...admin, command: "listClients" });
		const client = await connect(url, { clientId: "lamp" });
		expect(await ask({ payload: Date.now() })).toMatchObject({
			command: "listClients",
			payload: { total: 1, items: [{ id: "lamp" }] },
		});
		const closed = new Promise<void>((resolve) => client.mqtt.once("close", () => resolve()));
		expect(await ask({ command: "kickClient", payload: "lamp" })).toMatchObject({ payload: { kicked: "lamp" } });
		await closed;
		client.mqtt.end(true);
	});

	test("gives away copies: a flow that changes its message changes no user", async () => {
		await ask({ command: "addUser", payload: { name: "a", rules: [garden] } });
		const { payload } = (await ask({ command: "listUsers" })) as { payload: [{ rules: unknown[] }] };
		payload[0].rules.push({ ...garden, filter: "#" });
		expect(running.users?.user("a")?.rules).toHaveLength(1);
	});

	test.each([
		["no command", {}, "No command is given. There are overview,"],
		["an unknown command", { command: "format" }, '"format" is no command.'],
		["a name from Object", { command: "constructor" }, '"constructor" is no command.'],
		["no name", { command: "removeUser", payload: 5 }, "name is missing"],
		["an unknown user", { command: "setPassword", payload: { name: "b", generate: true } }, 'no user "b"'],
		["a misspelt argument", { command: "banClient", payload: { clientID: "a" } }, "clientID is not known"],
	])("tells a catch node about %s", async (_title, message, sentence) => {
		expect((await failure(message)).error.message).toContain(sentence);
		expect(red.probes.get("got")).toBeUndefined();
	});

	test("says where the users are when the broker does not keep them", async () => {
		await deploy({ access: "mosquitto", aclFile: join(__dirname, "admin.test.ts"), anonymous: "yes" });
		const { error } = await failure({ command: "listUsers" });
		expect(error.message).toContain("Mosquitto's files");
	});

	test("shows the state of its broker", async () => {
		expect(await red.status("admin", ({ fill }) => fill === "green")).toMatchObject({ shape: "dot" });
	});

	test("says in its status and in the log that it has no broker", async () => {
		await deploy({}, { ...admin, broker: "" });
		expect(await red.status("admin", ({ fill }) => fill === "red")).toMatchObject({ shape: "ring" });
	});
});

describe("the form of the admin node", () => {
	const read = (path: string) => readFile(join(root, "nodes/admin", path), "utf8");

	test("offers every command, and the help explains every one", async () => {
		const page = await read("admin.html");
		expect([...page.matchAll(/<option>(\w+)<\/option>/g)].map(([, name]) => name)).toEqual([...commandNames]);
		const help = await read("locales/en-US/admin.html");
		expect(commandNames.filter((name) => !help.includes(`<code>${name}</code>`))).toEqual([]);
	});

	test("uses only texts that exist, and all of them", async () => {
		const used = [...(await read("admin.html")).matchAll(/data-i18n="(?:\[\w+\])?(admin\.[^"]+)"/g)].map(
			([, key]) => key,
		);
		const { admin } = JSON.parse(await read("locales/en-US/admin.json"));
		const defined = Object.entries(admin as Record<string, object>).flatMap(([section, texts]) =>
			Object.keys(texts).map((name) => `admin.${section}.${name}`),
		);
		expect(used.sort()).toEqual(defined.sort());
	});

	test("is registered in package.json and has its icon and help", async () => {
		const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
		expect(manifest["node-red"].nodes[adminType]).toBe("dist/nodes/admin/admin.js");
		expect(manifest["node-red"].plugins.flowbroker).toBe("dist/editor-plugins/flowbroker/flowbroker.js");
		expect(await read("admin.html")).toContain("icon: 'flowbroker-admin.svg'");
		expect(await read("icons/flowbroker-admin.svg")).toContain("<svg");
		expect(await read("locales/en-US/admin.html")).toContain(`data-help-name="${adminType}"`);
	});

	test("has a field for each property, with the runtime's defaults", async () => {
		const page = await read("admin.html");
		for (const [name, value] of Object.entries(adminDefaults)) {
			expect(page).toContain(`id="node-input-${name}"`);
			expect(page).toMatch(new RegExp(`\\b${name}: \\{ value: '${value}'`));
		}
	});
});
