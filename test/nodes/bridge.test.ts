import { once } from "node:events";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { startBroker, type TestBroker } from "../helpers/broker";
import { type EmbeddedNodeRed, type FlowNode, startNodeRed } from "../helpers/embedded-node-red";
import { freePort } from "../helpers/free-port";
import { connect, type TestClient } from "../helpers/mqtt-client";

const place = { z: "tab", x: 1, y: 1 };
const tab: FlowNode = { id: "tab", type: "tab", label: "Test" };
const here: FlowNode = { id: "here", type: "flowbroker-broker", kind: "embedded", host: "127.0.0.1", port: 0 };
const there = (port: number, changes: Record<string, unknown> = {}): FlowNode => ({
	id: "there",
	type: "flowbroker-broker",
	kind: "remote",
	broker: "127.0.0.1",
	port,
	protocolVersion: "5",
	reconnectMin: 0.05,
	reconnectMax: 0.1,
	...changes,
});
const bridge = (changes: Record<string, unknown> = {}): FlowNode => ({
	...place,
	id: "bridge",
	type: "flowbroker-bridge",
	name: "test",
	broker: "here",
	remote: "there",
	clientid: "site",
	rules: [{ filter: "#", direction: "both", qos: "2", localPrefix: "", remotePrefix: "far/" }],
	...changes,
});
const nodes: FlowNode[] = [
	{ ...place, id: "in", type: "flowbroker-in", topic: "home/#", qos: "2", broker: "here", rap: true, wires: [["got"]] },
	{ ...place, id: "out", type: "flowbroker-out", topic: "", qos: "1", broker: "here", wires: [] },
	{ ...place, id: "got", type: "test-probe", wires: [] },
];

describe("a bridge", () => {
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

	async function other(options: Record<string, unknown> = {}): Promise<TestBroker> {
		const broker = await startBroker(options);
		brokers.push(broker);
		return broker;
	}

	async function listener({ url }: TestBroker, filter = "#"): Promise<TestClient> {
		const client = await connect(url, { protocolVersion: 5 });
		clients.push(client);
		await client.mqtt.subscribeAsync(filter, { qos: 2 });
		return client;
	}

	const deploy = (...changed: FlowNode[]) => red.deploy([tab, here, ...nodes, ...changed]);
	const isConnected = () =>
		red.status("bridge", ({ fill, text }) => fill === "green" && text?.startsWith("connected") === true);
	const errors = () => red.log.filter(({ level }) => level === 20).map(({ msg }) => String(msg));

	test("carries messages between a flow and another broker, and shows that it does", async () => {
		const far = await other();
		const client = await listener(far);
		await deploy(there(far.port), bridge());
		expect((await isConnected()).text).toBe("connected · 1 rule");
		red.send("out", { topic: "home/door", payload: "open" });
		expect(await client.next()).toMatchObject({ topic: "far/home/door", text: "open", qos: 1 });
		await client.mqtt.publishAsync("far/home/window", "closed", { qos: 2 });
		expect(await red.received("got", 2)).toMatchObject([
			{ payload: "open" },
			{ topic: "home/window", payload: "closed" },
		]);
	});

	test("stays connected through deploys that do not change it, and misses nothing", async () => {
		const far = await other();
		const client = await listener(far);
		let arrivals = 0;
		far.broker.events.on("clientConnected", ({ id }) => id === "site" && arrivals++);
		await deploy(there(far.port), bridge());
		await isConnected();
		for (let round = 1; round <= 4; round++) {
			await deploy(there(far.port), bridge({ x: round }));
			red.send("out", { topic: "home/round", payload: round });
			await client.next(({ text }) => text === String(round));
		}
		expect(arrivals).toBe(1);
		const again = once(far.broker.events, "clientConnected");
		await deploy(there(far.port), bridge({ rules: [{ filter: "x", direction: "out" }] }));
		expect(await again).toMatchObject([{ id: "site" }]);
	});

	test("keeps what is to leave while the other broker is away, and says how much", async () => {
		const port = await freePort();
		await deploy(there(port), bridge());
		for (let at = 0; at < 50; at++) red.send("out", { topic: "home/count", payload: at });
		await red.status("bridge", ({ fill, text }) => fill === "red" && text === "connection refused · 50 waiting");
		expect(errors()).toEqual([expect.stringContaining(`Nothing listens on port ${port}`)]);
		const far = await other({ listeners: [{ port }] });
		const client = await listener(far);
		await client.count(50);
		expect(client.received.map(({ text }) => Number(text))).toEqual(Array.from({ length: 50 }, (_, at) => at));
		await isConnected();
	});

	test("says in words what is wrong with it", async () => {
		const far = await other();
		const shows = async (changed: FlowNode, sentence: string) => {
			red.clear();
			await deploy(there(far.port), changed);
			await red.status("bridge", ({ fill }) => fill === "red");
			expect(errors()).toEqual([expect.stringContaining(sentence)]);
		};
		await shows(bridge({ rules: [] }), "at least one rule");
		await shows(bridge({ rules: [{ filter: "a/#/b", direction: "out" }] }), "# must stand alone");
		await shows(bridge({ rules: [{ filter: "", direction: "out", localPrefix: "a" }] }), "both prefixes");
		await shows(bridge({ queueSize: "many" }), '"queueSize" of the bridge must be a whole number');
		await shows(bridge({ remote: "here" }), "choose one of each kind");
		await shows(bridge({ remote: "nowhere" }), "no broker");
	});
});
