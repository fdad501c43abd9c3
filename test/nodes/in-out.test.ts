import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { type HostedBroker, isTopicFilter } from "../../broker";
import { startBroker, type TestBroker } from "../helpers/broker";
import { type EmbeddedNodeRed, type FlowNode, type Msg, startNodeRed } from "../helpers/embedded-node-red";
import { connect } from "../helpers/mqtt-client";

const tab: FlowNode = { id: "tab", type: "tab", label: "Test", env: [{ name: "ROOM", value: "kitchen", type: "str" }] };
const place = { z: "tab", x: 1, y: 1 };

/** Another one for every test: none meets retained messages of the one before. */
let brokerId = "";
let tests = 0;

const inNode = (changes: Record<string, unknown> = {}): FlowNode => ({
	...place,
	id: "in",
	type: "flowbroker-in",
	topic: "home/#",
	qos: "2",
	datatype: "auto-detect",
	broker: brokerId,
	nl: false,
	rap: true,
	rh: 0,
	inputs: 0,
	wires: [["got"]],
	...changes,
});
const outNode = (changes: Record<string, unknown> = {}): FlowNode => ({
	...place,
	id: "out",
	type: "flowbroker-out",
	topic: "",
	qos: "",
	retain: "",
	broker: brokerId,
	wires: [],
	...changes,
});
/** Not for a topic that is no filter, and not for one with a variable that is not set. */
function isSubscribable(topic: unknown): boolean {
	return typeof topic === "string" && isTopicFilter(topic) && !topic.includes("NO_ROOM");
}

/** Resolves when that many subscriptions were made. */
function subscriptions({ broker: { events } }: TestBroker, count: number): Promise<void> {
	return new Promise((resolve) => {
		const check = () => {
			if (count > 0) return;
			events.off("subscribed", subscribed);
			resolve();
		};
		const subscribed = (_client: unknown, made: readonly unknown[]) => {
			count -= made.length;
			check();
		};
		events.on("subscribed", subscribed);
		check();
	});
}

const probe = (id: string): FlowNode => ({ ...place, id, type: "test-probe", wires: [] });
const watchers: FlowNode[] = [
	{ ...place, id: "catch", type: "catch", scope: null, uncaught: false, wires: [["caught"]] },
	{ ...place, id: "complete", type: "complete", scope: ["in", "out"], wires: [["completed"]] },
	probe("caught"),
	probe("completed"),
	probe("got"),
];

/** What the flow's broker is: one in the same process without a socket, or another one over a socket. */
const kinds = [
	{ name: "an embedded broker", kind: "embedded", mqtt5: true },
	{ name: "another broker by MQTT 5", kind: "remote", protocolVersion: "5", mqtt5: true },
	{ name: "another broker by MQTT 3.1.1", kind: "remote", protocolVersion: "4", mqtt5: false },
] as const;

let red: EmbeddedNodeRed;

beforeAll(async () => {
	red = await startNodeRed();
});
afterAll(() => red.stop());

describe.each(kinds)("the in and out nodes on $name", (settings) => {
	const { mqtt5 } = settings;
	const embedded = settings.kind === "embedded";
	/** For the embedded kind the config node makes its own one. */
	let other: TestBroker | undefined;
	let broker: FlowNode;

	beforeEach(async () => {
		await red.deploy([]);
		red.clear();
		other = embedded ? undefined : await startBroker();
		brokerId = `broker${++tests}`;
		broker = { ...place, ...settings, id: brokerId, type: "flowbroker-broker", name: "", port: other?.port ?? 0 };
		broker = embedded ? { ...broker, host: "127.0.0.1" } : { ...broker, broker: "127.0.0.1" };
	});
	afterEach(async () => {
		await red.deploy([]);
		await other?.[Symbol.asyncDispose]();
	});

	/** Resolves when the nodes with a topic of their own have subscribed, with the address for clients. */
	async function deploy(...nodes: FlowNode[]): Promise<string> {
		const wanted = nodes.filter(
			({ type, topic, broker: id }) => type === "flowbroker-in" && id && isSubscribable(topic),
		);
		const subscribed = other && subscriptions(other, new Set(wanted.map(({ topic }) => topic)).size);
		await red.deploy([tab, broker, ...nodes, ...watchers]);
		const hosted = red.node<HostedBroker>(brokerId);
		await hosted.started;
		await subscribed;
		return `mqtt://127.0.0.1:${other?.port ?? hosted.broker?.listeners[0]?.port}`;
	}

	/** The first message of a probe, without what Node-RED adds. */
	async function first(id: string): Promise<Msg> {
		const [{ _msgid: _, ...message } = {}] = await red.received(id, 1);
		return message;
	}

	test("carry a message with all its properties from a flow to a flow", async () => {
		await deploy(inNode(), outNode());
		red.send("out", {
			topic: "home/light",
			payload: { on: true },
			qos: 1,
			responseTopic: "home/answer",
			correlationData: Buffer.from("7"),
			contentType: "application/json",
			messageExpiryInterval: 60,
			payloadFormatIndicator: true,
			userProperties: { unit: "lx", tag: ["a", "b"] },
		});
		expect(await first("got")).toEqual({
			topic: "home/light",
			payload: { on: true },
			qos: 1,
			retain: false,
			_topic: "home/light",
			...(mqtt5 && {
				responseTopic: "home/answer",
				correlationData: Buffer.from("7"),
				contentType: "application/json",
				messageExpiryInterval: 60,
				payloadFormatIndicator: true,
				userProperties: { unit: "lx", tag: ["a", "b"] },
			}),
		});
		expect(await first("completed")).toMatchObject({ topic: "home/light" });
	});

	test("exchange messages with a client over TCP", async () => {
		const client = await connect(await deploy(inNode({ topic: "home/in" }), outNode()), { protocolVersion: 5 });
		await client.mqtt.subscribeAsync("home/out", { qos: 2 });
		await client.mqtt.publishAsync("home/in", "21.5", { qos: 2, properties: { contentType: "text/x-number" } });
		expect(await first("got")).toMatchObject({
			payload: 21.5,
			qos: 2,
			retain: false,
			...(mqtt5 && { contentType: "text/x-number" }),
		});
		red.send("out", { topic: "home/out", payload: 7, qos: "2", userProperties: { unit: "C" } });
		const message = await client.next();
		expect(message).toMatchObject({ topic: "home/out", text: "7", qos: 2 });
		expect(message.packet.properties?.userProperties).toEqual(mqtt5 ? { unit: "C" } : undefined);
		await client.close();
	});

	test("keep a message for those who subscribe later", async () => {
		await deploy(outNode({ retain: "true" }));
		red.send("out", { topic: "home/light", payload: "on", retain: false });
		await red.received("completed", 1);
		await red.deploy([tab, broker, inNode(), ...watchers]);
		expect(await first("got")).toMatchObject({ topic: "home/light", payload: "on", retain: true });
	});

	test("wait with messages until the broker has started", async () => {
		await red.deploy([tab, broker, inNode(), outNode(), ...watchers]);
		red.send("out", { topic: "home/first", payload: "1" });
		red.send("out", { topic: "home/second", payload: "2" });
		expect((await red.received("got", 2)).map(({ topic }) => topic)).toEqual(["home/first", "home/second"]);
	});

	test("join the broker again when it was restarted", async () => {
		await deploy(inNode(), outNode());
		const changed = embedded ? { anonymous: "no" } : { keepalive: 61 };
		await red.deploy([tab, { ...broker, ...changed }, inNode(), outNode(), ...watchers], "nodes");
		red.send("out", { topic: "home/light", payload: "on" });
		expect(await first("got")).toMatchObject({ payload: "on" });
	});

	test("tell a Catch node why a message was not published", async () => {
		await deploy(outNode());
		red.send("out", { topic: "home/+", payload: "on" });
		red.send("out", { payload: "on" });
		const [wildcard, none] = (await red.received("caught", 2)).map(({ error }) => (error as Error).message);
		expect(wildcard).toContain('"home/+" is no topic that can be published to');
		expect(none).toContain("neither the node nor msg.topic says a topic");
		expect(red.probes.get("completed")).toBeUndefined();
	});

	test.each([
		["response topic", { responseTopic: "answers/#" }],
		["response topic", { responseTopic: "answers\0" }],
		["content type", { contentType: "text\0" }],
		["content type", { contentType: "x".repeat(65_536) }],
		["correlation data", { correlationData: Buffer.alloc(65_536) }],
		["expiry", { messageExpiryInterval: 2 ** 32 }],
		["user properties", { userProperties: { unit: "\ud800" } }],
		["user properties", { userProperties: { "unit\0": "C" } }],
		["user properties", { userProperties: { unit: ["C", "F\0"] } }],
	])("publish nothing with a %s that would cost subscribers their connection", async (what, properties) => {
		await deploy(outNode());
		red.send("out", { topic: "home/light", payload: "on", ...properties });
		const [{ error } = { error: undefined }] = await red.received("caught", 1);
		expect(error).toMatchObject({ code: "PROPERTY_INVALID", message: expect.stringContaining(`with this ${what}`) });
		expect(red.probes.get("completed")).toBeUndefined();
	});

	test.each(["home/\0", "home/\ud800", "x".repeat(65_536)])("say what is wrong with the topic %j", async (topic) => {
		await deploy(outNode());
		red.send("out", { topic, payload: "on" });
		const [{ error } = { error: undefined }] = await red.received("caught", 1);
		const message = expect.stringContaining("it must be at most 65535 bytes of text without NUL characters.");
		expect(error).toMatchObject({ code: "TOPIC_INVALID", message });
	});

	test("tell by an output what has become of a message, where it is asked for", async () => {
		// The in node: another broker is connected then.
		await deploy(inNode({ wires: [[]] }), outNode({ outputs: 1, wires: [["got"]] }));
		red.send("out", { topic: "home/light", payload: "on", qos: 1, room: 7 });
		await red.received("got", 1);
		red.send("out", { topic: "home/light", payload: "on" });
		await red.received("got", 2);
		red.send("out", { topic: "home/+", payload: "on" });
		red.send("out", { topic: "home/light" });
		const failed = { state: "failed", code: "TOPIC_INVALID", message: expect.stringContaining("no topic") };
		expect((await red.received("got", 3)).map(({ room, result }) => [room, result])).toEqual([
			[7, { state: "acknowledged" }],
			[undefined, { state: "sent" }],
			[undefined, failed],
		]);
		await red.received("completed", 3);
		expect(red.probes.get("got")).toHaveLength(3);
		expect(red.probes.get("caught")).toHaveLength(1);
	});

	test("publish nothing for a message without payload, and call it done", async () => {
		await deploy(inNode(), outNode({ topic: "home/light" }));
		red.send("out", { topic: "nothing" });
		expect(await first("completed")).toMatchObject({ topic: "nothing" });
		red.send("out", { payload: null });
		expect(await first("got")).toMatchObject({ payload: "" });
	});

	test("fill in environment variables inside of topics", async () => {
		// biome-ignore-start lint/suspicious/noTemplateCurlyInString: this is how a flow names a variable
		await deploy(inNode({ topic: "home/${ROOM}/+" }), outNode({ topic: "home/${ROOM}/light" }));
		red.send("out", { payload: "on" });
		expect(await first("got")).toMatchObject({ topic: "home/kitchen/light" });
		await deploy(inNode({ topic: "home/${NO_ROOM}/+" }));
		// biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above
		await red.status("in", ({ fill, text }) => fill === "red" && text === "settings invalid");
		expect(red.log.some(({ id, msg }) => id === "in" && String(msg).includes("NO_ROOM"))).toBe(true);
	});

	const testMqtt5 = mqtt5 ? test : test.skip;
	const testEmbedded = embedded ? test : test.skip;

	testMqtt5("do not hear their own flow where no local is set, and hear everybody else", async () => {
		const client = await connect(await deploy(inNode({ nl: true }), outNode()));
		red.send("out", { topic: "home/own", payload: "1" });
		await red.received("completed", 1);
		await client.mqtt.publishAsync("home/other", "2", { qos: 1 });
		expect(await first("got")).toMatchObject({ topic: "home/other" });
		await client.close();
	});

	test("report a payload that is not what was asked for, with the bytes", async () => {
		await deploy(inNode({ datatype: "json" }), outNode());
		red.send("out", { topic: "home/light", payload: "no json" });
		const caught = await first("caught");
		expect(caught).toMatchObject({ topic: "home/light", payload: Buffer.from("no json") });
		expect((caught.error as Error).message).toContain("not JSON");
	});

	test("give every flow its own copy of the bytes", async () => {
		await deploy(
			inNode({ datatype: "buffer" }),
			inNode({ id: "in2", datatype: "buffer", wires: [["got"]] }),
			outNode(),
		);
		red.send("out", { topic: "home/light", payload: Buffer.from("ab") });
		const [one, two] = (await red.received("got", 2)).map(({ payload }) => payload as Buffer);
		one?.fill(0);
		expect(two?.toString()).toBe("ab");
	});

	test("subscribe and unsubscribe by message, and one publication comes once", async () => {
		await deploy(inNode({ topic: "", inputs: 1 }), outNode());
		red.send("in", { action: "subscribe", topic: ["home/#", { topic: "home/+", qos: 1, datatype: "utf8" }] });
		const [subscribed] = await red.received("completed", 1);
		expect(subscribed?.subscriptions).toEqual([
			{ topic: "home/#", qos: 2, nl: false, rap: true, rh: 0, datatype: "auto-detect" },
			{ topic: "home/+", qos: 1, nl: false, rap: true, rh: 0, datatype: "utf8" },
		]);
		red.send("out", { topic: "home/light", payload: "1" });
		red.send("out", { topic: "home/light", payload: "1" });
		red.send("in", { action: "getSubscriptions" });
		const got = await red.received("got", 3);
		expect(got.map(({ topic }) => topic).sort()).toEqual(["home/light", "home/light", "subscriptions"]);
		red.send("in", { action: "unsubscribe", topic: true });
		await red.received("completed", 5);
		red.send("out", { topic: "home/light", payload: "3" });
		await red.received("completed", 6);
		expect(red.probes.get("got")).toHaveLength(3);
	});

	testEmbedded("refuse an action that an embedded broker does not have, with a reason", async () => {
		await deploy(inNode({ inputs: 1 }), outNode());
		red.send("in", { action: "connect" });
		await red.received("completed", 1);
		red.send("in", { action: "disconnect" });
		red.send("in", { action: "dance" });
		red.send("in", { action: "subscribe", topic: "home/#/x" });
		red.send("out", { action: "disconnect" });
		const reasons = (await red.received("caught", 4)).map(({ error }) => (error as Error).message);
		expect(reasons.join("\n")).toMatch(/no connection to end.*"dance".*"home\/#\/x".*no connection to end/s);
	});

	test("say that they have no broker", async () => {
		await deploy(inNode({ broker: "" }), outNode({ broker: "gone" }));
		await red.status("in", ({ fill, text }) => fill === "red" && text === "no broker");
		await red.status("out", ({ fill, text }) => fill === "red" && text === "no broker");
		expect(red.log.filter(({ msg }) => String(msg).includes("has no broker"))).toHaveLength(2);
	});

	test("say that a topic can't be subscribed to", async () => {
		await deploy(inNode({ topic: "home/#/light" }));
		await red.status("in", ({ fill, text }) => fill === "red" && text === "topic invalid");
		expect(red.log.some(({ id, msg }) => id === "in" && String(msg).includes("# must stand alone"))).toBe(true);
	});
});
