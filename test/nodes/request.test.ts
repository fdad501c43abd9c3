import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { HostedBroker } from "../../broker";
import { startBroker, type TestBroker } from "../helpers/broker";
import { type EmbeddedNodeRed, type FlowNode, type Msg, startNodeRed } from "../helpers/embedded-node-red";
import { connect, type Received, type TestClient } from "../helpers/mqtt-client";

const tab: FlowNode = { id: "tab", type: "tab", label: "Test", env: [{ name: "ROOM", value: "kitchen", type: "str" }] };
const place = { z: "tab", x: 1, y: 1 };
const probe = (id: string): FlowNode => ({ ...place, id, type: "test-probe", wires: [] });
const watchers: FlowNode[] = [
	{ ...place, id: "catch", type: "catch", scope: null, uncaught: false, wires: [["caught"]] },
	{ ...place, id: "complete", type: "complete", scope: ["ask"], wires: [["completed"]] },
	...["caught", "completed", "got", "none", "heard"].map(probe),
];

const kinds = [
	{ name: "an embedded broker", kind: "embedded", mqtt5: true },
	{ name: "another broker by MQTT 5", kind: "remote", protocolVersion: "5", mqtt5: true },
	{ name: "another broker by MQTT 3.1.1", kind: "remote", protocolVersion: "4", mqtt5: false },
	{ name: "Node-RED's own connection", type: "mqtt-broker", kind: "remote", protocolVersion: "5", mqtt5: true },
] as const;

let red: EmbeddedNodeRed;
let brokerId = "";
let tests = 0;

const ask = (changes: Record<string, unknown> = {}): FlowNode => ({
	...place,
	id: "ask",
	type: "flowbroker-request",
	topic: "lamp",
	qos: "1",
	broker: brokerId,
	timeout: 20,
	wires: [["got"], ["none"]],
	...changes,
});

/** What a device answers: by MQTT 5 where it is asked so, else where the convention wants it. */
function answerTo({ topic, packet }: Received): Parameters<TestClient["mqtt"]["publishAsync"]> | undefined {
	const { responseTopic, correlationData } = packet.properties ?? {};
	if (responseTopic) {
		const properties = { ...(correlationData && { correlationData }), contentType: "text/plain" };
		return [responseTopic, "", { properties }];
	}
	return /\/request\/\w+$/.test(topic) ? [topic.replace("/request/", "/response/"), "", {}] : undefined;
}

/** Resolves when the broker has no clients any more. */
function gone({ broker }: TestBroker): Promise<void> {
	return new Promise((resolve) => {
		const check = () => {
			if (broker.clients().length > 0) return;
			broker.events.off("clientDisconnected", check);
			resolve();
		};
		broker.events.on("clientDisconnected", check);
		check();
	});
}

beforeAll(async () => {
	red = await startNodeRed();
});
afterAll(() => red.stop());

describe.each(kinds)("the request node on $name", (settings) => {
	const { mqtt5 } = settings;
	const embedded = settings.kind === "embedded";
	let other: TestBroker | undefined;
	let broker: FlowNode;
	let device: TestClient | undefined;

	beforeEach(async () => {
		await red.deploy([]);
		red.clear();
		other = embedded ? undefined : await startBroker();
		brokerId = `broker${++tests}`;
		const own = {
			id: brokerId,
			name: "",
			port: other?.port ?? 0,
			keepalive: 60,
			cleansession: true,
			autoConnect: true,
		};
		broker = { type: "flowbroker-broker", ...settings, ...own };
		broker = embedded ? { ...broker, host: "127.0.0.1" } : { ...broker, broker: "127.0.0.1" };
	});
	afterEach(async () => {
		await red.deploy([]);
		await device?.close();
		device = undefined;
		// Node-RED's own node takes its leave while the deploy is over already.
		if (other) await gone(other);
		await other?.[Symbol.asyncDispose]();
	});

	/** @param react what a device that hears everything does with it */
	async function deploy(
		nodes: FlowNode[],
		react: (heard: Received, client: TestClient) => void = () => {},
	): Promise<TestClient> {
		await red.deploy([tab, broker, ...nodes, ...watchers]);
		const hosted = red.node<HostedBroker>(brokerId);
		await hosted.started;
		const port = other?.port ?? hosted.broker?.listeners[0]?.port;
		const client = await connect(`mqtt://127.0.0.1:${port}`, { protocolVersion: 5 });
		device = client;
		client.mqtt.on("message", (topic, payload, packet) => {
			react({ topic, text: payload.toString(), qos: packet.qos, retain: packet.retain, packet }, client);
		});
		await client.mqtt.subscribeAsync("#", { qos: 2 });
		return client;
	}

	/** What the first message of the Catch node tells. */
	const reason = async () => (await red.received("caught", 1)).map(({ error }) => (error as Error).message)[0];

	/** Answers with the question in capitals. */
	const shout = (heard: Received, client: TestClient) => {
		const [topic, , options] = answerTo(heard) ?? [];
		if (topic) client.mqtt.publish(topic, heard.text.toUpperCase(), options);
	};

	test("sends the answer on in the message that asked", async () => {
		await deploy([ask()], shout);
		red.send("ask", { payload: "on", session: 7, contentType: "text/x-question" });
		const [got] = await red.received("got", 1);
		expect(got).toMatchObject({ topic: "lamp", payload: "ON", session: 7, qos: 0, retain: false });
		expect(got?.contentType).toBe(mqtt5 ? "text/plain" : undefined);
		await red.received("completed", 1);
		expect(red.probes.get("caught")).toBeUndefined();
	});

	test("keeps the message's own address for an answer", async () => {
		await deploy([ask()], shout);
		const correlationData = Buffer.from("from elsewhere");
		red.send("ask", { payload: "on", responseTopic: "elsewhere", correlationData });
		expect(await red.received("got", 1)).toMatchObject([
			{ payload: "ON", responseTopic: "elsewhere", correlationData },
		]);
		expect(device?.received.map(({ topic }) => topic)).not.toContain("elsewhere");
	});

	test("gives every request its own answer, in whatever order answers come", async () => {
		const heard: Received[] = [];
		await deploy([ask(), ask({ id: "ask2", wires: [["got"]] })], (one, client) => {
			if (!answerTo(one)) return;
			heard.push(one);
			if (heard.length === 6) for (const late of heard.reverse()) shout(late, client);
		});
		for (const at of [1, 2, 3])
			for (const id of ["ask", "ask2"]) red.send(id, { payload: `${id} ${at}`, from: `${id} ${at}` });
		const got = await red.received("got", 6);
		expect(got.map(({ payload }) => payload)).toEqual(got.map(({ from }) => String(from).toUpperCase()));
		expect(new Set(got.map(({ from }) => from)).size).toBe(6);
	});

	test("tells a Catch node that no answer came in time, and takes none afterwards", async () => {
		const heard: Received[] = [];
		const client = await deploy([ask({ timeout: 0.05 })], (one) => answerTo(one) && heard.push(one));
		red.send("ask", { payload: "on" });
		expect(await reason()).toContain('No answer to the request to "lamp" came within 0.05 seconds');
		await client.next((one) => answerTo(one) !== undefined);
		shout(heard[0] as Received, client);
		await client.next(({ text }) => text === "ON");
		red.send("ask", { payload: "again" });
		await red.received("caught", 2);
		expect(red.probes.get("got")).toBeUndefined();
		expect(red.probes.get("completed")).toBeUndefined();
	});

	test("sends a request without answer to the second output, where there is one", async () => {
		await deploy([ask({ outputs: 2, timeout: 20 })]);
		red.send("ask", { payload: "on", requestTimeout: 20, session: 7 });
		const [none] = await red.received("none", 1);
		expect(none).toMatchObject({ payload: "on", session: 7, error: { code: "REQUEST_UNANSWERED" } });
	});

	test("asks no more than it may at a time", async () => {
		const client = await deploy([ask({ limit: 2 })]);
		for (const payload of ["a", "b", "c"]) red.send("ask", { payload });
		const [caught] = await red.received("caught", 1);
		expect(caught).toMatchObject({
			payload: "c",
			error: { message: expect.stringContaining("2 requests of this node") },
		});
		await client.count(2);
		for (const one of [...client.received]) shout(one, client);
		await red.received("got", 2);
		red.send("ask", { payload: "d" });
		await client.next(({ text }) => text === "d");
	});

	test("tells the broker that a request is worth nothing when nobody waits any more", async () => {
		const client = await deploy([ask({ timeout: 20 })]);
		red.send("ask", { payload: "on" });
		const { packet } = await client.next();
		expect(packet.properties?.messageExpiryInterval).toBe(mqtt5 ? 20 : undefined);
		expect(packet.retain).toBe(false);
	});

	test("finds answers by an id in topics of one's own, with variables", async () => {
		// biome-ignore-start lint/suspicious/noTemplateCurlyInString: this is how a flow names a variable
		const topics = { answers: "topic", topic: "${ROOM}/rpc/{id}", respTopic: "${ROOM}/answer/{id}/done" };
		// biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above
		await deploy([ask(topics)], ({ topic }, client) => {
			const [, id] = /^kitchen\/rpc\/(\w+)$/.exec(topic) ?? [];
			if (!id) return;
			client.mqtt.publish("kitchen/answer/other/done", "not this");
			client.mqtt.publish(`kitchen/answer/${id}/done`, id);
		});
		red.send("ask", { payload: "" });
		expect(String((await red.received("got", 1))[0]?.payload)).toMatch(/^\w{13,}$/);
	});

	test("finds answers by an id in the payload", async () => {
		await deploy(
			[ask({ answers: "payload", idProperty: "transaction", respTopic: "bridge/response" })],
			(one, client) => {
				if (one.topic !== "lamp") return;
				const { transaction, rename } = JSON.parse(one.text) as Record<string, string>;
				client.mqtt.publish("bridge/response", JSON.stringify({ status: "ok" }));
				client.mqtt.publish("bridge/response", JSON.stringify({ status: "ok", transaction, renamed: rename }));
			},
		);
		red.send("ask", { payload: { rename: "hall" } });
		red.send("ask", { payload: "no object" });
		expect(await red.received("got", 1)).toMatchObject([{ payload: { renamed: "hall" } }]);
		expect(await reason()).toContain("must be a JSON object");
	});

	test("asks one after the other where the next message is the answer", async () => {
		const order: string[] = [];
		await deploy([ask({ answers: "order", respTopic: "lamp/state" })], ({ topic, text }, client) => {
			order.push(`${topic} ${text}`);
			if (topic === "lamp") client.mqtt.publish("lamp/state", `is ${text}`, { qos: 1 });
		});
		for (const payload of ["on", "off", "dim"]) red.send("ask", { payload, from: payload });
		const got = await red.received("got", 3);
		expect(got.map(({ payload, from }) => `${from}: ${payload}`)).toEqual(["on: is on", "off: is off", "dim: is dim"]);
		expect(order.filter((one) => one.startsWith("lamp "))).toEqual(["lamp on", "lamp off", "lamp dim"]);
	});

	test("says what it lacks: a topic, an answer topic, a place for the id", async () => {
		await deploy([
			ask({ topic: "" }),
			ask({ id: "ask2", answers: "order" }),
			ask({ id: "ask3", answers: "topic", respTopic: "x" }),
		]);
		for (const id of ["ask", "ask2", "ask3"]) red.send(id, { payload: "on" });
		const reasons = (await red.received("caught", 3)).map(({ error }) => (error as Error).message).sort();
		expect(reasons[0]).toContain("neither the node nor msg.topic");
		expect(reasons[1]).toContain("neither the node nor msg.responseTopic");
		expect(reasons[2]).toContain("must have a level {id}");
	});

	test("tells those who wait that the node was stopped", async () => {
		const client = await deploy([ask()]);
		red.send("ask", { payload: "on" });
		await client.next();
		const told = red.received("caught", 1);
		await red.deploy([tab, broker, ask({ name: "changed" }), ...watchers], "nodes");
		expect(await told).toMatchObject([{ error: { message: expect.stringContaining("the node was stopped") } }]);
	});

	const testMqtt5 = mqtt5 ? test : test.skip;
	testMqtt5("is answered by a flow of in and out nodes", async () => {
		const service: FlowNode[] = [
			{
				...place,
				id: "service",
				type: "flowbroker-in",
				topic: "lamp",
				broker: brokerId,
				qos: "2",
				wires: [["strip", "heard"]],
			},
			{
				...place,
				id: "strip",
				type: "change",
				rules: [
					{ t: "delete", p: "topic", pt: "msg" },
					{ t: "set", p: "payload", pt: "msg", to: "done", tot: "str" },
				],
				wires: [["reply"]],
			},
			{ ...place, id: "reply", type: "flowbroker-out", topic: "", broker: brokerId, wires: [] },
		];
		await deploy([ask(), ...service]);
		red.send("ask", { payload: "on" });
		expect(await red.received("got", 1)).toMatchObject([{ topic: "lamp", payload: "done" }]);
		expect((await red.received("heard", 1))[0]).toMatchObject({ payload: "on" } satisfies Msg);
	});
});

test("a request node says in its status and in the log that its settings are wrong", async () => {
	brokerId = "broker";
	await red.deploy([tab, { id: "broker", type: "flowbroker-broker", port: 0 }, ask({ timeout: "soon" })]);
	await red.status("ask", ({ fill, text }) => fill === "red" && text === "settings invalid");
	expect(red.log.some(({ id, msg }) => id === "ask" && String(msg).includes('"timeout"'))).toBe(true);
	await red.deploy([]);
});

test("the example flow asks, answers, and tells that nobody answers", async () => {
	const flow = JSON.parse(readFileSync(join(__dirname, "../../flows/ask-and-answer.json"), "utf8")) as FlowNode[];
	const idOf = (type: string, name: string) => flow.find((node) => node.type === type && node.name === name)?.id ?? "";
	const request = flow.find(({ type }) => type === "flowbroker-request")?.id ?? "";
	await red.deploy(
		flow
			.filter(({ type }) => type !== "inject" && type !== "comment")
			.map((node) => {
				if (node.type === "debug") return { ...node, type: "test-probe" };
				return node.type === "flowbroker-broker" ? { ...node, port: 0 } : node;
			}),
	);
	red.send(request, { topic: "lamp/ask", payload: "state" });
	expect(await red.received(idOf("debug", "answer"), 1)).toMatchObject([{ payload: { lamp: "on" } }]);
	red.send(request, { topic: "nobody/ask", payload: "state", requestTimeout: 20 });
	const unanswered = { error: { message: expect.stringContaining('"nobody/ask"') } };
	expect(await red.received(idOf("debug", "no answer"), 1)).toMatchObject([unanswered]);
	expect(await red.received(idOf("debug", "errors"), 1)).toMatchObject([unanswered]);
	await red.deploy([]);
});
