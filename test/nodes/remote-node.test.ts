import { mkdtemp, rm } from "node:fs/promises";
import { connect as connectSocket, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { startBroker, type TestBroker } from "../helpers/broker";
import { type EmbeddedNodeRed, type FlowNode, type Msg, startNodeRed } from "../helpers/embedded-node-red";
import { freePort } from "../helpers/free-port";
import { connect, type TestClient } from "../helpers/mqtt-client";

const place = { z: "tab", x: 1, y: 1 };
const tab: FlowNode = { id: "tab", type: "tab", label: "Test" };
const probe = (id: string): FlowNode => ({ ...place, id, type: "test-probe", wires: [] });
const watchers: FlowNode[] = [
	{ ...place, id: "catch", type: "catch", scope: null, uncaught: false, wires: [["caught"]] },
	{ ...place, id: "complete", type: "complete", scope: ["in", "out"], wires: [["completed"]] },
	...["caught", "completed", "got"].map(probe),
];
const inNode = (changes: Record<string, unknown> = {}): FlowNode => ({
	...place,
	id: "in",
	type: "flowbroker-in",
	topic: "home/#",
	qos: "2",
	datatype: "auto-detect",
	broker: "broker",
	rap: true,
	inputs: 0,
	wires: [["got"]],
	...changes,
});
const outNode = (changes: Record<string, unknown> = {}): FlowNode => ({
	...place,
	id: "out",
	type: "flowbroker-out",
	topic: "",
	qos: "1",
	broker: "broker",
	wires: [],
	...changes,
});
/** Tries again soon, so that no test waits long. */
const remote = (port: number, changes: Record<string, unknown> = {}): FlowNode => ({
	id: "broker",
	type: "flowbroker-broker",
	name: "",
	kind: "remote",
	broker: "127.0.0.1",
	port,
	protocolVersion: "5",
	reconnectMin: 0.05,
	reconnectMax: 0.1,
	...changes,
});

describe("a connection to another broker", () => {
	let red: EmbeddedNodeRed;
	let brokers: TestBroker[] = [];
	let clients: TestClient[] = [];

	beforeAll(async () => {
		red = await startNodeRed();
	});
	afterAll(() => red.stop());
	afterEach(async () => {
		await red.deploy([]);
		await Promise.all(clients.map((client) => client.close()));
		await Promise.all(brokers.map((one) => one[Symbol.asyncDispose]()));
		brokers = [];
		clients = [];
		red.clear();
	});

	async function start(options: Record<string, unknown> = {}): Promise<TestBroker> {
		const broker = await startBroker(options);
		brokers.push(broker);
		return broker;
	}

	async function client(url: string, options: Parameters<typeof connect>[1] = {}): Promise<TestClient> {
		const connected = await connect(url, { protocolVersion: 5, ...options });
		clients.push(connected);
		return connected;
	}

	const deploy = (...nodes: FlowNode[]) => red.deploy([tab, ...nodes, ...watchers]);
	const isConnected = (id = "out") => red.status(id, ({ fill, text }) => fill === "green" && text === "connected");
	const errors = () => red.log.filter(({ level }) => level === 20).map(({ msg }) => String(msg));
	const reasons = async (count: number) =>
		(await red.received("caught", count)).map(({ error }) => (error as Error).message);

	test("shows that it stands, and says so once", async () => {
		const { port } = await start();
		await deploy(remote(port), outNode());
		expect(await isConnected()).toMatchObject({ shape: "dot" });
		const told = red.log.filter(({ msg }) => String(msg) === `Connected to mqtt://127.0.0.1:${port}`);
		expect(told).toMatchObject([{ level: 40, id: "broker" }]);
	});

	test("tells that a login is needed, and that a password is wrong", async () => {
		const folder = await mkdtemp(join(tmpdir(), "flowbroker-test-"));
		const { broker, port } = await start({
			anonymous: false,
			access: { kind: "users", file: join(folder, "access.json") },
		});
		await broker.users?.addUser("anna", "spade", {
			rules: [{ effect: "allow", action: "all", filter: "#", priority: 0 }],
		});
		await deploy(remote(port), outNode());
		await red.status("out", ({ fill, text }) => fill === "red" && text === "password refused");
		expect(errors()).toEqual([expect.stringContaining("Enter a user name and a password")]);

		await deploy(remote(port, { credentials: { user: "anna", password: "wrong-spade" } }), outNode());
		await red.status("out", ({ text }) => text === "password refused");
		await deploy(remote(port, { credentials: { user: "anna", password: "spade" } }), outNode());
		await isConnected();
		expect(broker.clients()).toMatchObject([{ user: "anna" }]);
		expect(JSON.stringify(red.log)).not.toContain("spade");
		await rm(folder, { recursive: true });
	});

	test("tells that a host is not found, and that nothing listens", async () => {
		await deploy(remote(1883, { broker: "flowbroker.invalid" }), outNode());
		await red.status("out", ({ text }) => text === "host not found");
		await deploy(remote(await freePort()), outNode());
		await red.status("out", ({ text }) => text === "connection refused");
		expect(errors().join("\n")).toMatch(/"flowbroker.invalid" can't be found.*Nothing listens on port \d+/s);
	});

	test("tells the same reason once, however often it tries", async () => {
		let attempts = 0;
		const server = createServer((socket) => {
			attempts++;
			socket.destroy();
		});
		const port = await listen(server);
		await deploy(remote(port, { connectTimeout: 0.2 }), outNode());
		await new Promise<void>((resolve) => server.on("connection", () => attempts >= 3 && resolve()));
		await red.status("out", ({ text }) => text === "connection lost");
		expect(errors()).toHaveLength(1);
		await red.deploy([]);
		await new Promise((resolve) => server.close(resolve));
	});

	test("tells that a broker does not answer", async () => {
		const sockets = new Set<Socket>();
		const server = createServer((socket) => sockets.add(socket));
		await deploy(remote(await listen(server), { connectTimeout: 0.1 }), outNode());
		await red.status("out", ({ text }) => text === "timed out");
		await red.deploy([]);
		for (const socket of sockets) socket.destroy();
		await new Promise((resolve) => server.close(resolve));
	});

	test("keeps messages in order while the broker is away, and sends them when it is back", async () => {
		const first = await start();
		await deploy(remote(first.port), inNode(), outNode({ qos: "" }));
		await isConnected();
		await first.broker.stop();
		await red.status("out", ({ fill }) => fill === "red");
		for (let at = 0; at < 30; at++) red.send("out", { topic: `home/${at}`, payload: at, qos: at % 3 });
		await start({ listeners: [{ port: first.port }] });
		const got = await red.received("got", 30);
		// MQTT keeps the order of messages that have the same QoS.
		for (const qos of [0, 1, 2]) {
			const order = got.filter((message) => message.qos === qos).map(({ payload }) => payload);
			expect(order).toEqual(Array.from({ length: 10 }, (_, at) => qos + 3 * at));
		}
		await red.received("completed", 30);
		expect(red.probes.get("caught")).toBeUndefined();
	});

	test("refuses the newest or gives up the oldest message when too many wait", async () => {
		const port = await freePort();
		await deploy(remote(port, { queueSize: 2, queueDisk: false }), outNode());
		for (const topic of ["a", "b", "c"]) red.send("out", { topic, payload: "" });
		expect(await red.received("caught", 1)).toMatchObject([{ topic: "c" }]);
		red.clear();
		await deploy(
			remote(port, { queueSize: 2, queueDrop: "oldest", queueQos0: false, queueDisk: false }),
			outNode({ qos: "" }),
		);
		for (const topic of ["a", "b", "c"]) red.send("out", { topic, payload: "", qos: 1 });
		red.send("out", { topic: "d", payload: "", qos: 0 });
		expect((await red.received("caught", 2)).map(({ topic }) => topic)).toEqual(["a", "d"]);
		expect((await reasons(2)).join("\n")).toMatch(/no more than 2 messages.*there is no connection/s);
		const { url } = await start({ listeners: [{ port }] });
		await isConnected();
		expect((await red.received("completed", 2)).map(({ topic }) => topic)).toEqual(["b", "c"]);
		expect(url).toContain(String(port));
	});

	test("tells the flow that a message waits, and sends what waited when the flows were stopped in between", async () => {
		const port = await freePort();
		await deploy(remote(port), outNode({ outputs: 1, wires: [["got"]] }));
		for (const topic of ["a", "b", "c"]) red.send("out", { topic, payload: topic });
		expect((await red.received("got", 3)).map(({ result }) => result)).toEqual(Array(3).fill({ state: "queued" }));
		await red.stopFlows();
		const { url } = await start({ listeners: [{ port }] });
		const observer = await client(url);
		await observer.mqtt.subscribeAsync("#", { qos: 1 });
		await red.startFlows();
		expect((await observer.count(3)).map(({ topic, text }) => [topic, text])).toEqual(
			["a", "b", "c"].map((one) => [one, one]),
		);
		expect(errors().filter((error) => !error.includes("Nothing listens"))).toEqual([]);
		expect(red.probes.get("caught")).toBeUndefined();
	});

	test("sends what waited for one broker to no other", async () => {
		await deploy(remote(await freePort()), outNode({ outputs: 1, wires: [["got"]] }));
		red.send("out", { topic: "for the first", payload: "" });
		await red.received("got", 1);
		const { url, port } = await start();
		const observer = await client(url);
		await observer.mqtt.subscribeAsync("#", { qos: 1 });
		await deploy(remote(port), outNode());
		red.send("out", { topic: "for the second", payload: "" });
		expect(await observer.next()).toMatchObject({ topic: "for the second" });
	});

	test("says hello and goodbye, and no will then", async () => {
		const { url, port } = await start();
		const observer = await client(url);
		await observer.mqtt.subscribeAsync("state/#");
		const flow = remote(port, {
			birthTopic: "state/birth",
			birthPayload: "up",
			birthQos: "1",
			birthMsg: {
				contentType: "text/plain",
				userProps: '{"site":"north"}',
				respTopic: "ask",
				correl: "7",
				expiry: "60",
			},
			closeTopic: "state/close",
			closePayload: "down",
			willTopic: "state/will",
			willPayload: "lost",
		});
		await deploy(flow, outNode());
		const { packet } = await observer.next(({ text }) => text === "up");
		expect(packet.properties).toMatchObject({
			contentType: "text/plain",
			responseTopic: "ask",
			correlationData: Buffer.from("7"),
			messageExpiryInterval: 60,
		});
		expect(packet.properties?.userProperties).toEqual({ site: "north" });
		await deploy({ ...flow, keepalive: 61 }, outNode());
		await observer.count(3);
		expect(observer.received.map(({ topic }) => topic)).toEqual(["state/birth", "state/close", "state/birth"]);
	});

	test("has its will published when it is cut, and comes back", async () => {
		const { url, port } = await start();
		const proxy = await startProxy(port);
		const observer = await client(url);
		await observer.mqtt.subscribeAsync("state/#");
		await deploy(
			remote(proxy.port, { willTopic: "state/will", willPayload: "lost", willMsg: { contentType: "text/plain" } }),
			outNode(),
		);
		await isConnected();
		proxy.cut();
		const { text, packet } = await observer.next();
		expect([text, packet.properties?.contentType]).toEqual(["lost", "text/plain"]);
		await red.status("out", ({ fill }) => fill === "green");
		await red.deploy([]);
		await proxy.stop();
	});

	test("tells that another client uses its id", async () => {
		const { url, port } = await start();
		await deploy(remote(port, { clientid: "flow" }), outNode());
		await isConnected();
		await client(url, { clientId: "flow" });
		await red.status("out", ({ text }) => text === "client id used twice");
		expect(errors()).toEqual([expect.stringContaining("another client connected with the same client id")]);
		await red.deploy([]);
	});

	test("stays through deploys that change something else", async () => {
		const { broker, port } = await start();
		let arrivals = 0;
		broker.events.on("clientConnected", () => arrivals++);
		await deploy(remote(port), inNode(), outNode());
		await isConnected();
		for (let round = 1; round <= 5; round++) {
			await deploy(remote(port, { name: `name ${round}` }), inNode(), outNode());
			red.send("out", { topic: "home/light", payload: round });
			const got = await red.received("got", round);
			expect(got.map(({ payload }) => payload)).toEqual(Array.from({ length: round }, (_, at) => at + 1));
		}
		expect(arrivals).toBe(1);
	});

	test("tells which subscription and which message the broker refuses", async () => {
		const folder = await mkdtemp(join(tmpdir(), "flowbroker-test-"));
		const { broker, port } = await start({
			anonymous: false,
			access: { kind: "users", file: join(folder, "access.json") },
		});
		await broker.users?.addUser("anna", "spade", {
			rules: [{ effect: "allow", action: "all", filter: "home/#", priority: 0 }],
		});
		const flow = remote(port, { credentials: { user: "anna", password: "spade" } });
		await deploy(flow, inNode({ topic: "secret/#" }), inNode({ id: "in2" }), outNode());
		await red.status("in", ({ fill, text }) => fill === "red" && text === "subscription refused");
		await isConnected("in2");
		expect(errors()).toEqual([expect.stringContaining('refuses the subscription to "secret/#": not authorized')]);
		red.send("out", { topic: "secret/door", payload: "open" });
		expect(await reasons(1)).toEqual([
			expect.stringContaining('did not take the message for "secret/door": not authorized'),
		]);
		await rm(folder, { recursive: true });
	});

	test("takes the next server when the first does not answer", async () => {
		const { port } = await start();
		await deploy(remote(0, { broker: `127.0.0.1:${await freePort()}, mqtt://127.0.0.1:${port}`, port: "" }), outNode());
		await isConnected();
	});

	test("goes over WebSocket", async () => {
		const { port } = await start({ listeners: [{ kind: "ws", port: 0 }] });
		await deploy(remote(port, { broker: `ws://127.0.0.1:${port}/mqtt` }), inNode(), outNode());
		red.send("out", { topic: "home/light", payload: "on" });
		expect(await red.received("got", 1)).toMatchObject([{ payload: "on" }]);
	});

	test("takes its kind and its address from the environment", async () => {
		const { port } = await start();
		const env = [
			{ name: "BROKER_KIND", value: "remote", type: "str" },
			{ name: "SITE", value: "0.0.1", type: "str" },
		];
		// biome-ignore lint/suspicious/noTemplateCurlyInString: this is how a flow names a variable
		const flow = { ...remote(port), kind: "${BROKER_KIND:-embedded}", broker: "127.${SITE}" };
		await deploy({ id: "g", type: "global-config", env }, flow, inNode(), outNode());
		await isConnected();
		await deploy({ ...flow, port: 0, broker: "" }, inNode(), outNode());
		await red.status("out", ({ text }) => / · 0 clients$/.test(text ?? ""));
		red.send("out", { topic: "home/light", payload: "here" });
		expect(await red.received("got", 1)).toMatchObject([{ payload: "here" }]);
	});

	test("is ended and begun by messages, with other settings too", async () => {
		const [one, other] = [await start(), await start()];
		await deploy(remote(one.port, { autoConnect: false }), inNode({ topic: "", inputs: 1 }), outNode());
		await red.status("out", ({ fill, text }) => fill === "grey" && text === "not connected");
		const done = async (id: string, message: Msg, count: number) => {
			red.send(id, message);
			await red.received("completed", count);
		};
		await done("in", { action: "subscribe", topic: "home/#" }, 1);
		await done("out", { action: "connect" }, 2);
		expect(one.broker.clients()).toHaveLength(1);
		red.send("out", { action: "connect", broker: { port: other.port } });
		expect(await reasons(1)).toEqual([expect.stringContaining("connected already")]);
		await done("in", { action: "connect", broker: { port: other.port, clientid: "moved", force: true } }, 3);
		expect(one.broker.clients()).toHaveLength(0);
		expect(other.broker.clients()).toMatchObject([{ id: "moved" }]);
		await done("out", { topic: "home/light", payload: "on" }, 4);
		expect(await red.received("got", 1)).toMatchObject([{ payload: "on" }]);
		await done("out", { action: "disconnect" }, 5);
		expect(other.broker.clients()).toHaveLength(0);
		red.send("out", { action: "connect", broker: { port: await freePort() } });
		red.send("out", { action: "dance" });
		const problems = await reasons(3);
		expect(problems.slice(1).sort()).toEqual([
			expect.stringContaining("Nothing listens"),
			expect.stringContaining('"dance"'),
		]);
	});

	test("tells what is wrong with its settings", async () => {
		await deploy(remote(1883, { broker: "http://127.0.0.1" }), outNode());
		await red.status("out", ({ text }) => text === "settings invalid");
		expect(errors()).toEqual([expect.stringContaining("must begin with mqtt://")]);
	});
});

function listen(server: ReturnType<typeof createServer>): Promise<number> {
	return new Promise((resolve) => {
		server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
	});
}

/** Hands everything on to the port, until its connections are cut. */
async function startProxy(port: number) {
	const sockets = new Set<Socket>();
	const server = createServer((socket) => {
		const onward = connectSocket(port, "127.0.0.1");
		for (const one of [socket, onward]) {
			sockets.add(one);
			one.on("error", () => {});
			one.on("close", () => sockets.delete(one));
		}
		socket.pipe(onward).pipe(socket);
	});
	const cut = () => {
		for (const socket of sockets) socket.destroy();
	};
	return {
		port: await listen(server),
		cut,
		stop: () => {
			cut();
			return new Promise((resolve) => server.close(resolve));
		},
	};
}
