import { createServer, type Server } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { HostedBroker } from "../../broker";
import { type EmbeddedNodeRed, type FlowNode, startNodeRed } from "../helpers/embedded-node-red";
import { connect, type TestClient } from "../helpers/mqtt-client";

describe("the broker node", () => {
	let red: EmbeddedNodeRed;
	const clients: TestClient[] = [];

	beforeAll(async () => {
		red = await startNodeRed();
	});
	afterEach(async () => {
		await Promise.all(clients.splice(0).map((client) => client.close()));
		await red.deploy([]);
	});
	afterAll(() => red.stop());

	const tab: FlowNode = { id: "tab", type: "tab", label: "Test" };
	const broker = (changes: Record<string, unknown> = {}): FlowNode => ({
		id: "broker",
		type: "flowbroker-broker",
		name: "",
		kind: "embedded",
		host: "127.0.0.1",
		port: 0,
		anonymous: "auto",
		...changes,
	});
	const user = (id = "user", brokerId = "broker"): FlowNode => ({
		id,
		type: "flowbroker-out",
		z: "tab",
		x: 1,
		y: 1,
		wires: [],
		broker: brokerId,
		topic: "user",
	});
	const comment = (text: string): FlowNode => ({ id: "c", type: "test-probe", z: "tab", x: 1, y: 1, wires: [], text });

	async function portOf(id = "broker"): Promise<number> {
		const hosted = red.node<HostedBroker>(id);
		await hosted.started;
		return hosted.broker?.listeners[0]?.port ?? 0;
	}

	async function client(port: number): Promise<TestClient> {
		const connected = await connect(`mqtt://127.0.0.1:${port}`);
		clients.push(connected);
		return connected;
	}

	test("keeps its clients and retained messages through full deploys that change something else", async () => {
		await red.deploy([tab, broker(), comment("0")]);
		const port = await portOf();
		const device = await client(port);
		let closed = false;
		device.mqtt.on("close", () => {
			closed = true;
		});
		await device.mqtt.publishAsync("home/light", "on", { retain: true, qos: 1 });
		for (let deploy = 1; deploy <= 10; deploy++) {
			await red.deploy([tab, broker({ name: `name ${deploy}` }), comment(String(deploy))]);
			expect(await portOf()).toBe(port);
		}
		await device.mqtt.subscribeAsync("home/#");
		expect(await device.next()).toMatchObject({ topic: "home/light", text: "on", retain: true });
		expect(closed).toBe(false);
	});

	test("lets no client write lines of its own into the log", async () => {
		await red.deploy([tab, broker({ access: "any" })]);
		const device = await connect(`mqtt://127.0.0.1:${await portOf()}`, { username: "guest\n[error] forged" });
		clients.push(device);
		await device.mqtt.publishAsync("$SYS/\r\n[error] forged\u001b[2J", "on", { qos: 1 });
		const lines = red.log.map(({ msg }) => String(msg)).filter((msg) => msg.includes("forged"));
		expect(lines).toEqual([
			expect.stringMatching(/user guest\\x0a\[error\] forged, .* \$SYS\/\\x0d\\x0a\[error\] forged\\x1b\[2J - /),
		]);
	});

	test("keeps its clients when the flows are read again and restarted", async () => {
		await red.deploy([tab, broker()]);
		const device = await client(await portOf());
		let closed = false;
		device.mqtt.on("close", () => {
			closed = true;
		});
		await red.deploy([], "reload");
		await device.mqtt.publishAsync("home/light", "on", { qos: 1 });
		expect(closed).toBe(false);
	});

	test("keeps its clients while a deploy of modified nodes does not touch it", async () => {
		await red.deploy([tab, broker(), comment("0")]);
		const device = await client(await portOf());
		await red.deploy([tab, broker(), comment("1")], "nodes");
		await device.mqtt.publishAsync("home/light", "on", { qos: 1 });
		expect(red.node<HostedBroker>("broker").broker?.clients()).toHaveLength(1);
	});

	test("restarts when its settings change", async () => {
		await red.deploy([tab, broker(), user()]);
		const port = await portOf();
		const device = await client(port);
		const closed = new Promise<void>((resolve) => device.mqtt.once("close", () => resolve()));
		await red.deploy([tab, broker({ port, anonymous: "no" }), user()]);
		await closed;
		expect(await portOf()).toBe(port);
		await expect(client(port)).rejects.toThrow("Not authorized");
	});

	test("swaps ports with another broker in one deploy", async () => {
		await red.deploy([tab, broker(), broker({ id: "other" })]);
		const [one, other] = [await portOf(), await portOf("other")];
		const errors = red.log.filter(({ level }) => level === 20).length;
		await red.deploy([tab, broker({ port: other }), broker({ id: "other", port: one })]);
		expect([await portOf(), await portOf("other")]).toEqual([other, one]);
		for (const id of ["broker", "other"]) {
			expect(red.node<HostedBroker>(id).broker?.listeners[0]).toMatchObject({ up: true });
		}
		expect(red.log.filter(({ level }) => level === 20)).toHaveLength(errors);
	});

	test("frees its port when it is removed, and when it is disabled", async () => {
		await red.deploy([tab, broker()]);
		const port = await portOf();
		await red.deploy([tab]);
		await (await listen(port)).stop();
		await red.deploy([tab, broker({ port })]);
		await portOf();
		await red.deploy([tab, broker({ port, d: true })]);
		await (await listen(port)).stop();
	});

	test("stops when the flows are stopped, and starts with them", async () => {
		await red.deploy([tab, broker()]);
		const port = await portOf();
		const { broker: running } = red.node<HostedBroker>("broker");
		await red.stopFlows();
		expect(running?.state).toBe("stopped");
		await (await listen(port)).stop();
		await red.startFlows();
		expect(await portOf()).toBeGreaterThan(0);
	});

	test("stops when a deploy can't start the flows", async () => {
		await red.deploy([tab, broker()]);
		const port = await portOf();
		const stopped = new Promise<void>((resolve) => {
			red.node<HostedBroker>("broker").broker?.events.on("state", (state) => state === "stopped" && resolve());
		});
		const unknown = { id: "x", type: "no-such-type", z: "tab", x: 1, y: 1, wires: [] };
		await expect(red.deploy([tab, broker(), unknown])).rejects.toThrow("missing-types");
		await stopped;
		await (await listen(port)).stop();
		await red.deploy([tab, broker()]);
	});

	test("says once that its port is in use, and listens when it is free", async () => {
		const occupied = await listen(0);
		await red.deploy([tab, broker({ port: occupied.port }), user()]);
		await red.node<HostedBroker>("broker").started;
		const inUse = await red.status("user", ({ text }) => text === `port ${occupied.port} in use`);
		expect(inUse).toMatchObject({ fill: "red", shape: "ring" });
		expect(red.log.filter(({ msg }) => String(msg).includes(`Port ${occupied.port} on 127.0.0.1`))).toMatchObject([
			{ level: 20, id: "broker" },
		]);
		await occupied.stop();
		const listening = await red.status("user", ({ fill }) => fill === "green");
		expect(listening).toMatchObject({ shape: "dot", text: `${occupied.port} · 0 clients` });
		await client(occupied.port);
		await red.status("user", ({ text }) => text === `${occupied.port} · 1 client`);
	});

	test("says what is wrong with its settings, and Node-RED goes on", async () => {
		// biome-ignore lint/suspicious/noTemplateCurlyInString: this is how a flow names a variable
		await red.deploy([tab, broker({ port: "${FLOWBROKER_NOT_SET}" }), user()]);
		await expect(red.node<HostedBroker>("broker").started).rejects.toMatchObject({ code: "OPTION_INVALID" });
		expect(red.log.some(({ level, msg }) => level === 20 && String(msg).includes("FLOWBROKER_NOT_SET"))).toBe(true);
		await red.status("user", ({ text }) => text === "settings invalid");
		await red.deploy([tab, broker(), user()]);
		await red.status("user", ({ fill }) => fill === "green");
	});

	test("takes its port from an environment variable", async () => {
		const free = await listen(0);
		await free.stop();
		const env = [{ name: "FLOWBROKER_TEST_PORT", value: String(free.port), type: "str" }];
		const global = { id: "g", type: "global-config", env };
		// biome-ignore lint/suspicious/noTemplateCurlyInString: this is how a flow names a variable
		await red.deploy([tab, global, broker({ port: "${FLOWBROKER_TEST_PORT}" })]);
		expect(await portOf()).toBe(free.port);
	});
});

/** Takes a port, so that a test sees that it is free, or makes it not so. */
async function listen(port: number): Promise<{ port: number; stop(): Promise<void> }> {
	const server: Server = createServer();
	await new Promise<void>((resolve, reject) => {
		server.once("error", reject);
		server.listen(port, "127.0.0.1", resolve);
	});
	const { port: actual } = server.address() as { port: number };
	return { port: actual, stop: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}
