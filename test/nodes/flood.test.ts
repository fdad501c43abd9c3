import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { HostedBroker } from "../../broker";
import { startBroker, type TestBroker } from "../helpers/broker";
import { type EmbeddedNodeRed, type FlowNode, startNodeRed } from "../helpers/embedded-node-red";
import { connect, type TestClient } from "../helpers/mqtt-client";

const tab: FlowNode = { id: "tab", type: "tab", label: "Test" };
const place = { z: "tab", x: 1, y: 1 };
const probe = (id: string): FlowNode => ({ ...place, id, type: "test-probe", wires: [] });
const watchers: FlowNode[] = [
	{ ...place, id: "catch", type: "catch", scope: null, uncaught: false, wires: [["caught"]] },
	{ ...place, id: "complete", type: "complete", scope: ["in"], wires: [["completed"]] },
	...["caught", "completed", "got"].map(probe),
];
const kinds = [
	{ name: "an embedded broker", kind: "embedded" },
	{ name: "another broker", kind: "remote", protocolVersion: "5" },
] as const;

let red: EmbeddedNodeRed;
let tests = 0;

beforeAll(async () => {
	red = await startNodeRed();
});
afterAll(() => red.stop());

describe.each(kinds)("a flow that is flooded, on $name", (settings) => {
	let other: TestBroker | undefined;
	let broker: FlowNode;
	let device: TestClient | undefined;

	beforeEach(async () => {
		await red.deploy([]);
		red.clear();
		other = settings.kind === "remote" ? await startBroker() : undefined;
		const own = { ...place, ...settings, id: `broker${++tests}`, type: "flowbroker-broker", name: "" };
		broker = other ? { ...own, broker: "127.0.0.1", port: other.port } : { ...own, host: "127.0.0.1", port: 0 };
	});
	afterEach(async () => {
		await red.deploy([]);
		await device?.close();
		device = undefined;
		await other?.[Symbol.asyncDispose]();
	});

	const inNode = (changes: Record<string, unknown> = {}): FlowNode => ({
		...place,
		...{ id: "in", type: "flowbroker-in", topic: "home/#", qos: "2", datatype: "auto-detect", broker: broker.id },
		wires: [["got"]],
		...changes,
	});
	const outNode = (changes: Record<string, unknown> = {}): FlowNode => ({
		...place,
		...{ id: "out", type: "flowbroker-out", topic: "", qos: "1", broker: broker.id, wires: [] },
		...changes,
	});

	/** @returns a client of the same broker, when the in nodes have subscribed */
	async function deploy(...nodes: FlowNode[]): Promise<TestClient> {
		await red.deploy([tab, broker, ...nodes, ...watchers]);
		const hosted = red.node<HostedBroker>(broker.id);
		await hosted.started;
		const client = await connect(`mqtt://127.0.0.1:${other?.port ?? hosted.broker?.listeners[0]?.port}`);
		device = client;
		await red.status("in", ({ fill }) => fill === "green");
		// Arrives when the subscription stands.
		await client.mqtt.publishAsync("home/ready", "0", { qos: 1, retain: true });
		await red.received("got", 1);
		return client;
	}

	const publish = (client: TestClient, from: number, to: number) =>
		Promise.all(
			Array.from({ length: to - from + 1 }, (_, at) =>
				client.mqtt.publishAsync("home/n", String(from + at), { qos: 1 }),
			),
		);
	const payloads = async (count: number) => (await red.received("got", count)).map(({ payload }) => payload);

	test("gets the next message when it asks for it, and the others wait in order", async () => {
		const client = await deploy(inNode({ pace: "asked", inputs: 1, underWay: 2, patience: 0 }));
		await publish(client, 1, 5);
		expect(await red.status("in", ({ text }) => text === "4 messages wait")).toMatchObject({ fill: "green" });
		expect(await payloads(2)).toEqual([0, 1]);
		for (let asked = 0; asked < 4; asked++) red.send("in", { action: "next" });
		expect(await payloads(6)).toEqual([0, 1, 2, 3, 4, 5]);
		await red.status("in", ({ text }) => !text?.includes("wait"));
		red.send("in", { action: "dance" });
		await red.received("caught", 1);
	});

	test("is told that it is too slow, in its status and once at a Catch node, and gets the newest messages", async () => {
		const client = await deploy(inNode({ pace: "asked", inputs: 1, queueSize: 3, patience: 0 }));
		await publish(client, 1, 10);
		expect(await red.status("in", ({ text }) => text === "too slow: 7 given up")).toMatchObject({ fill: "yellow" });
		for (let asked = 0; asked < 3; asked++) red.send("in", { action: "next" });
		expect(await payloads(4)).toEqual([0, 8, 9, 10]);
		expect(red.probes.get("caught")).toMatchObject([{ error: { message: expect.stringContaining("given up") } }]);
	});

	test("may keep the oldest messages instead", async () => {
		const client = await deploy(inNode({ pace: "asked", inputs: 1, queueSize: 3, queueDrop: "newest", patience: 0 }));
		await publish(client, 1, 10);
		await red.status("in", ({ text }) => text === "too slow: 7 given up");
		for (let asked = 0; asked < 3; asked++) red.send("in", { action: "next" });
		expect(await payloads(4)).toEqual([0, 1, 2, 3]);
	});

	test("gets the next message after a while when it has forgotten to ask", async () => {
		const client = await deploy(inNode({ pace: "asked", inputs: 1, patience: 1 }));
		await publish(client, 1, 1);
		expect(await payloads(2)).toEqual([0, 1]);
	});

	test("goes on after a message that could not be read", async () => {
		const client = await deploy(inNode({ pace: "asked", inputs: 1, patience: 0, datatype: "json" }));
		await client.mqtt.publishAsync("home/n", "{", { qos: 1 });
		await publish(client, 1, 1);
		red.send("in", { action: "next" });
		expect(await payloads(2)).toEqual([0, 1]);
	});

	test("is stopped with a clear message when it publishes what it subscribes to, and goes on with all else", async () => {
		const client = await deploy(inNode({ topic: "home/#", wires: [["out", "got"]] }), outNode({ qos: "0" }));
		await red.status("in", ({ fill, text }) => fill === "red" && text === "message loop");
		const [caught] = await red.received("caught", 1);
		expect(caught).toMatchObject({
			topic: "home/ready",
			error: { message: expect.stringContaining('come back to this node 1000 times or more, now on "home/ready"') },
		});
		await red.received("got", 1_001);
		red.clear();
		await client.mqtt.publishAsync("home/other", "once", { qos: 1 });
		expect((await red.received("got", 1))[0]).toMatchObject({ topic: "home/other" });
	});

	test("is not stopped when it hears itself once", async () => {
		const client = await deploy(
			inNode(),
			inNode({ id: "from", topic: "raw", wires: [["change"]] }),
			{
				...place,
				...{ id: "change", type: "change", rules: [{ t: "set", p: "topic", pt: "msg", to: "home/copy", tot: "str" }] },
				wires: [["out"]],
			},
			outNode(),
		);
		// In portions: a broker keeps only so many messages for one that reads slower than others write.
		for (let from = 0; from < 1_500; from += 150) {
			const portion = Array.from({ length: 150 }, (_, at) => String(from + at));
			await Promise.all(portion.map((text) => client.mqtt.publishAsync("raw", text, { qos: 1 })));
			await red.received("got", from + 151);
		}
		expect(await payloads(1_501)).toEqual([0, ...Array.from({ length: 1_500 }, (_, at) => at)]);
	});

	test("is not stopped where the node says that it may go round", async () => {
		await deploy(inNode({ id: "in", stopLoops: false, wires: [["out", "got"]] }), outNode({ qos: "0" }));
		await red.received("got", 3_000);
		expect(red.probes.get("caught")).toBeUndefined();
	});
});
