/**
 * What Node-RED's own MQTT nodes are expected to do by their tests (test/nodes/core/network/21-mqtt_spec.js), restated
 * as behaviour, and run on our nodes and on Node-RED's own against the same broker.
 *
 * Left out, because they look into the nodes instead of at what these do: the two cases about the members that a node
 * has after loading. Of the cases for a request node, which Node-RED does not have yet, test/nodes/request.test.ts has
 * those that stand for behaviour; it answers by MQTT 3.1.1 too, and leaves topic and correlation data of a message alone.
 */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { type HostedBroker, runCommand } from "../../broker";
import { startBroker, type TestBroker } from "../helpers/broker";
import { type EmbeddedNodeRed, type FlowNode, type Msg, startNodeRed } from "../helpers/embedded-node-red";
import { connect, type TestClient } from "../helpers/mqtt-client";

const place = { z: "tab", x: 1, y: 1 };
const tab: FlowNode = { id: "tab", type: "tab", label: "Test" };
const probe = (id: string): FlowNode => ({ ...place, id, type: "test-probe", wires: [] });
const watchers: FlowNode[] = [
	{ ...place, id: "catch", type: "catch", scope: null, uncaught: false, wires: [["caught"]] },
	{ ...place, id: "complete", type: "complete", scope: ["in", "out"], wires: [["completed"]] },
	...["caught", "completed", "got"].map(probe),
];

const ours = { in: "flowbroker-in", out: "flowbroker-out" };
const cores = { in: "mqtt in", out: "mqtt out" };
const remote = { type: "flowbroker-broker", kind: "remote", reconnectMin: 0.05 };
const stands = [
	{ name: "flowbroker's nodes on an embedded broker", ...ours, broker: { type: "flowbroker-broker" }, mqtt5: true },
	{
		name: "flowbroker's nodes on another broker by MQTT 5",
		...ours,
		broker: { ...remote, protocolVersion: "5" },
		mqtt5: true,
	},
	{
		name: "flowbroker's nodes on another broker by MQTT 3.1.1",
		...ours,
		broker: { ...remote, protocolVersion: "4" },
		mqtt5: false,
	},
	{
		name: "flowbroker's nodes on Node-RED's own connection by MQTT 5",
		...ours,
		broker: { type: "mqtt-broker", protocolVersion: "5" },
		mqtt5: true,
	},
	{
		name: "flowbroker's nodes on Node-RED's own connection by MQTT 3.1.1",
		...ours,
		broker: { type: "mqtt-broker", protocolVersion: "4" },
		mqtt5: false,
	},
	{
		name: "Node-RED's own nodes by MQTT 5",
		...cores,
		broker: { type: "mqtt-broker", protocolVersion: "5" },
		mqtt5: true,
	},
	{
		name: "Node-RED's own nodes by MQTT 3.1.1",
		...cores,
		broker: { type: "mqtt-broker", protocolVersion: "4" },
		mqtt5: false,
	},
];

const json = '{"room":"hall","lux":7}';
const broken = '{room:"hall"}';
const binary = Buffer.from([0xc0, 0xff, 0xfe, 0x00]);

/** What is sent, as what it is asked for, and what comes; `undefined`: an error of the in node. */
const payloads: [string, Msg, string, unknown, "mqtt5"?][] = [
	["a text stays one", { payload: "hello", qos: 0 }, "auto", "hello"],
	["JSON stays a text for the old detection", { payload: json, qos: 1 }, "auto", json],
	["JSON becomes an object for the new one", { payload: json, qos: 1 }, "auto-detect", JSON.parse(json)],
	["broken JSON is a text for the old detection", { payload: broken }, "auto", broken],
	["broken JSON is a text for the new one", { payload: broken }, "auto-detect", broken],
	["JSON is a text where one is asked for", { payload: json, qos: 2 }, "utf8", json],
	["JSON becomes an object where one is asked for", { payload: json }, "json", JSON.parse(json)],
	["broken JSON is an error where an object is asked for", { payload: broken }, "json", undefined],
	["a text becomes bytes where they are asked for", { payload: "a b" }, "buffer", Buffer.from("a b")],
	["a text becomes Base64 where it is asked for", { payload: "a b" }, "base64", "YSBi"],
	["bytes that are a text become one", { payload: Buffer.from("x y z") }, "auto", "x y z"],
	["bytes that are no text stay bytes", { payload: binary }, "auto", binary],
	["an object is sent as JSON", { payload: { lux: 7 } }, "utf8", '{"lux":7}'],
	["numbers and flags are sent as text", { payload: true }, "utf8", "true"],
	["null is sent as nothing", { payload: null }, "utf8", ""],
	["a text that says so is one", { payload: "abc", contentType: "text/plain" }, "auto", "abc", "mqtt5"],
	["JSON that says it is a text is one", { payload: json, contentType: "text/plain" }, "auto-detect", json, "mqtt5"],
	[
		"JSON that says so becomes an object",
		{ payload: Buffer.from(json), contentType: "application/json" },
		"auto-detect",
		JSON.parse(json),
		"mqtt5",
	],
	[
		"broken JSON that says it is some is an error",
		{ payload: broken, contentType: "application/json" },
		"auto",
		undefined,
		"mqtt5",
	],
	[
		"bytes that say they are a text are one",
		{ payload: Buffer.from(json), contentType: "text/plain" },
		"auto",
		json,
		"mqtt5",
	],
	[
		"bytes that say they are an archive stay bytes",
		{ payload: Buffer.from(json), contentType: "application/zip" },
		"auto",
		Buffer.from(json),
		"mqtt5",
	],
];

let red: EmbeddedNodeRed;
let tests = 0;

beforeAll(async () => {
	red = await startNodeRed();
});
afterAll(() => red.stop());

describe.each(stands)("$name", (stand) => {
	const { mqtt5 } = stand;
	const isOurs = stand.in === ours.in;
	const isEmbedded = stand.broker.type === "flowbroker-broker" && !("kind" in stand.broker);
	const isCoreConnection = stand.broker.type === "mqtt-broker";
	/** Another broker; the embedded one has its own. */
	let other: TestBroker | undefined;
	let device: TestClient | undefined;
	let config: FlowNode;

	beforeEach(async () => {
		await red.deploy([]);
		red.clear();
		other = isEmbedded ? undefined : await startBroker();
		const address = other ? { broker: "127.0.0.1", port: other.port } : { host: "127.0.0.1", port: 0 };
		// As the editor stores them: Node-RED's own node takes nothing for granted.
		const stored = { keepalive: 60, cleansession: true, autoConnect: true, usetls: false, clientid: "" };
		config = { ...stored, ...address, ...stand.broker, id: `broker${++tests}` };
	});
	afterEach(async () => {
		await red.deploy([]);
		await device?.close();
		device = undefined;
		await other?.[Symbol.asyncDispose]();
	});

	const inNode = (changes: Record<string, unknown> = {}): FlowNode => ({
		...place,
		...{ id: "in", type: stand.in, topic: "home/#", qos: "2", datatype: "auto-detect", broker: config.id },
		...{ nl: false, rap: true, rh: 0, inputs: 0, wires: [["got"]] },
		...changes,
	});
	const outNode = (changes: Record<string, unknown> = {}): FlowNode => ({
		...place,
		...{ id: "out", type: stand.out, topic: "", qos: "", retain: "", broker: config.id, wires: [] },
		...changes,
	});

	/** Deploys, and resolves when the in node has subscribed to as many filters. @returns a client of the same broker */
	async function deploy(nodes: FlowNode[], subscribed = 1, changes: Record<string, unknown> = {}): Promise<TestClient> {
		const ready = other && subscriptions(other, subscribed);
		await red.deploy([tab, { ...config, ...changes }, ...nodes, ...watchers]);
		const hosted = isEmbedded ? red.node<HostedBroker>(config.id) : undefined;
		await hosted?.started;
		await ready;
		device = await connect(`mqtt://127.0.0.1:${other?.port ?? hosted?.broker?.listeners[0]?.port}`, {
			protocolVersion: 5,
		});
		await device.mqtt.subscribeAsync("state/#", { qos: 2 });
		return device;
	}

	const first = async (id: string): Promise<Msg> => (await red.received(id, 1))[0] ?? {};
	const isConnected = () => red.status("out", ({ fill, shape }) => fill === "green" && shape === "dot");

	test.each(payloads.filter(([, , , , only]) => mqtt5 || !only))("%s", async (_name, message, datatype, expected) => {
		await deploy([inNode({ datatype }), outNode()]);
		red.send("out", { topic: "home/lamp", ...message });
		if (expected === undefined) {
			expect(await first("caught")).toMatchObject({ topic: "home/lamp", error: { source: { id: "in" } } });
			expect(red.probes.get("got")).toBeUndefined();
		} else {
			expect(await first("got")).toMatchObject({ topic: "home/lamp", payload: expected, qos: message.qos ?? 0 });
		}
		expect(await first("completed")).toMatchObject({ topic: "home/lamp" });
	});

	const testMqtt5 = mqtt5 ? test : test.skip;
	testMqtt5("a message keeps all its properties, and the retain flag where it is asked for", async () => {
		await deploy([inNode({ datatype: "auto", rh: 1, qos: "1" }), outNode()]);
		const sent = {
			topic: "home/command",
			qos: 1,
			retain: true,
			responseTopic: "home/response",
			userProperties: { unit: "lx" },
			contentType: "text/plain",
			correlationData: Buffer.from([1, 2, 3]),
			messageExpiryInterval: 2000,
		};
		red.send("out", { ...sent, payload: Buffer.from(json), payloadFormatIndicator: true });
		expect(await first("got")).toMatchObject({ ...sent, payload: json });
	});

	testMqtt5("a message tells that its payload is a text", async () => {
		const client = await deploy([outNode()], 0);
		await isConnected();
		red.send("out", { topic: "state/lamp", payload: "on", payloadFormatIndicator: true });
		const { packet } = await client.next();
		expect(packet.properties?.payloadFormatIndicator).toBe(true);
	});

	testMqtt5("settings of the out node count before those of the message", async () => {
		const settings = { topic: "home/own", qos: "1", retain: "false", contentType: "text/own", expiry: "9" };
		await deploy([inNode(), outNode({ ...settings, respTopic: "home/answer", correl: "7" })]);
		red.send("out", { topic: "home/other", payload: "on", qos: 2, retain: true, contentType: "text/other" });
		expect(await first("got")).toMatchObject({
			...{ topic: "home/own", qos: 1, retain: false, contentType: "text/own", messageExpiryInterval: 9 },
			...{ responseTopic: "home/answer", correlationData: Buffer.from("7") },
		});
	});

	testMqtt5("a message without topic answers at the response topic", async () => {
		await deploy([inNode(), outNode()]);
		red.send("out", { payload: "on", responseTopic: "home/answer", correlationData: Buffer.from("7") });
		expect(await first("got")).toMatchObject({ topic: "home/answer", correlationData: Buffer.from("7") });
	});

	test("messages subscribe and unsubscribe, and ask what is subscribed to", async () => {
		await deploy([inNode({ topic: "", inputs: 1 }), outNode()], 0);
		await isConnected();
		red.send("in", { action: "subscribe", topic: [{ topic: "home/lamp", qos: 1 }, "home/door"] });
		await red.received("completed", 1);
		red.send("in", { action: "getSubscriptions" });
		const subscribed = [
			expect.objectContaining({ topic: "home/lamp", qos: 1 }),
			expect.objectContaining({ topic: "home/door", qos: 2 }),
		];
		expect(await first("got")).toMatchObject({ topic: "subscriptions", payload: subscribed });
		red.send("out", { topic: "home/lamp", payload: "on", qos: 1 });
		expect((await red.received("got", 2))[1]).toMatchObject({ topic: "home/lamp", payload: "on", qos: 1 });
		red.send("in", { action: "unsubscribe", topic: "home/lamp" });
		red.send("in", { action: "dance" });
		expect(await first("caught")).toMatchObject({ action: "dance" });
		red.send("out", { topic: "home/lamp", payload: "off", qos: 1 });
		red.send("out", { topic: "home/door", payload: "open", qos: 1 });
		expect((await red.received("got", 3))[2]).toMatchObject({ topic: "home/door" });
	});

	const testConnection = isEmbedded ? test.skip : test;
	testConnection("a message connects, and another one disconnects", async () => {
		await deploy([inNode({ topic: "", inputs: 1 }), outNode()], 0, { autoConnect: false });
		red.send("in", { action: "connect" });
		await isConnected();
		red.send("out", { action: "disconnect" });
		await red.status("out", ({ fill, shape }) => fill !== "green" && shape === "ring");
		expect(red.probes.get("caught")).toBeUndefined();
	});

	testConnection("birth and close messages are published, and no will then", async () => {
		const messages = {
			...{ birthTopic: "state/birth", birthPayload: "up", birthQos: "2", birthMsg: {} },
			...{ closeTopic: "state/close", closePayload: "down", closeQos: "1", closeMsg: {} },
			...{ willTopic: "state/will", willPayload: "lost", willQos: "0", willMsg: {} },
		};
		const client = await deploy([outNode()], 0, { ...messages, autoConnect: false });
		red.send("out", { action: "connect" });
		expect(await client.next(({ topic }) => topic === "state/birth")).toMatchObject({ text: "up", qos: 2 });
		red.send("out", { action: "disconnect" });
		expect(await client.next(({ topic }) => topic === "state/close")).toMatchObject({ text: "down", qos: 1 });
		await red.received("completed", 2);
		await client.mqtt.publishAsync("state/end", "", { qos: 1 });
		await client.next(({ topic }) => topic === "state/end");
		expect(client.received.map(({ topic }) => topic)).toEqual(["state/birth", "state/close", "state/end"]);
	});

	testConnection("a birth message for no topic that can be published to does no harm", async () => {
		await deploy([inNode(), outNode()], 1, { birthTopic: "state/#", birthPayload: "up", birthMsg: {} });
		red.send("out", { topic: "home/lamp", payload: "on" });
		expect(await first("got")).toMatchObject({ payload: "on" });
		expect(device?.received).toEqual([]);
	});

	testConnection("a will is published when the connection is cut", async () => {
		const will = {
			...{ willTopic: "state/will", willPayload: json, willQos: "2" },
			willMsg: {
				contentType: "application/json",
				userProps: '{"will":"value"}',
				respTopic: "state/answer",
				correl: "abc",
			},
		};
		const client = await deploy([outNode()], 0, { ...will, autoConnect: false });
		red.send("out", { action: "connect" });
		await isConnected();
		const [flow] = other?.broker.clients().filter(({ id }) => id !== client.mqtt.options.clientId) ?? [];
		// By the broker, so that the flow has no time to say goodbye.
		if (other) await runCommand(other.broker, "kickClient", { id: flow?.id });
		const { packet, ...sent } = await client.next(({ topic }) => topic === "state/will");
		expect(sent).toMatchObject({ text: json, qos: 2 });
		if (!mqtt5) return;
		expect(packet.properties).toMatchObject({
			...{ contentType: "application/json", responseTopic: "state/answer", correlationData: Buffer.from("abc") },
		});
		expect({ ...packet.properties?.userProperties }).toEqual({ will: "value" });
	});

	// From here on: where our nodes differ from Node-RED's own, on purpose.

	testConnection(
		"DIFFERENT: a message for a broker that is away waits, where Node-RED's own is lost without a word",
		async () => {
			await deploy([inNode(), outNode()], 0, { autoConnect: false });
			red.send("out", { topic: "home/early", payload: "1" });
			red.send("out", { action: "connect" });
			await isConnected();
			red.send("out", { topic: "home/late", payload: "2", qos: 1 });
			const topics = (await red.received("got", isOurs ? 2 : 1)).map(({ topic }) => topic);
			expect(topics).toEqual(isOurs ? ["home/early", "home/late"] : ["home/late"]);
		},
	);

	test("DIFFERENT: + stands for an empty level, too", async () => {
		const client = await deploy([inNode({ topic: "home/+/lamp" })]);
		for (const topic of ["home//lamp", "home/hall/lamp"]) await client.mqtt.publishAsync(topic, "on", { qos: 1 });
		const topics = (await red.received("got", isOurs && !isCoreConnection ? 2 : 1)).map(({ topic }) => topic);
		// Node-RED's own connection does not hand it on.
		expect(topics).toEqual(isOurs && !isCoreConnection ? ["home//lamp", "home/hall/lamp"] : ["home/hall/lamp"]);
	});

	test("DIFFERENT: one publication comes once, however many subscriptions of a node select it", async () => {
		await deploy([inNode({ topic: "", inputs: 1 }), outNode()], 0);
		await isConnected();
		red.send("in", { action: "subscribe", topic: ["home/#", "home/+"] });
		red.send("out", { topic: "home/lamp", payload: "on", qos: 1 });
		red.send("out", { topic: "home/lamp/end", payload: "end", qos: 1 });
		const end = (await red.received("got", isOurs ? 2 : 3)).map(({ payload }) => payload);
		expect(end).toEqual(isOurs ? ["on", "end"] : ["on", "on", "end"]);
	});

	testMqtt5("DIFFERENT: user properties of node and message are joined", async () => {
		await deploy([inNode(), outNode({ userProps: '{"unit":"lx"}' })]);
		red.send("out", { topic: "home/lamp", payload: "on", userProperties: { unit: "C", room: "hall" } });
		const { userProperties } = await first("got");
		expect({ ...(userProperties as object) }).toEqual(isOurs ? { unit: "lx", room: "hall" } : { unit: "lx" });
	});

	test("DIFFERENT: a topic that can't be published to is an error for a Catch node, not only a warning", async () => {
		await deploy([outNode()], 0);
		await isConnected();
		red.send("out", { topic: "home/#", payload: "on" });
		if (isOurs) expect(await first("caught")).toMatchObject({ topic: "home/#" });
		red.send("out", { topic: "state/lamp", payload: "on" });
		await device?.next();
		expect(red.probes.get("caught") ?? []).toHaveLength(isOurs ? 1 : 0);
	});
});

/** Resolves when that many subscriptions were made. */
function subscriptions({ broker: { events } }: TestBroker, count: number): Promise<void> {
	return new Promise((resolve) => {
		const subscribed = (_client: unknown, made: readonly unknown[]) => {
			count -= made.length;
			if (count > 0) return;
			events.off("subscribed", subscribed);
			resolve();
		};
		events.on("subscribed", subscribed);
		subscribed(undefined, []);
	});
}
