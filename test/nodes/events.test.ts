import { readdir, readFile } from "node:fs/promises";
import { connect as connectTcp } from "node:net";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { type Broker, FlowbrokerError, type HostedBroker } from "../../broker";
import { eventKinds, eventsDefaults, eventsType } from "../../nodes/events/properties";
import { matchesWildcard } from "../../nodes/events/wildcard";
import { makeHouse } from "../broker/listeners/house";
import { type EmbeddedNodeRed, type FlowNode, type Msg, startNodeRed } from "../helpers/embedded-node-red";
import { connect } from "../helpers/mqtt-client";

const tab: FlowNode = { id: "tab", type: "tab", label: "Test", env: [{ name: "ROOM", value: "kitchen", type: "str" }] };
const broker: FlowNode = { id: "broker", type: "flowbroker-broker", name: "", host: "127.0.0.1", port: 0 };
const place = { z: "tab", x: 1, y: 1 };

const eventsNode = (changes: Record<string, unknown> = {}): FlowNode => ({
	...place,
	...eventsDefaults,
	id: "events",
	type: "flowbroker-events",
	broker: "broker",
	wires: [["got"]],
	...changes,
});
const outNode = (changes: Record<string, unknown> = {}): FlowNode => ({
	...place,
	id: "out",
	type: "flowbroker-out",
	topic: "",
	broker: "broker",
	wires: [],
	...changes,
});
const probe: FlowNode = { ...place, id: "got", type: "test-probe", wires: [] };

describe("the events node", () => {
	let red: EmbeddedNodeRed;

	beforeAll(async () => {
		red = await startNodeRed();
	});
	afterAll(() => red.stop());
	beforeEach(async () => {
		await red.deploy([]);
		red.clear();
	});

	async function deploy(...nodes: FlowNode[]): Promise<{ url: string; running: Broker }> {
		await red.deploy([tab, broker, probe, ...nodes]);
		const hosted = red.node<HostedBroker>("broker");
		await hosted.started;
		if (!hosted.broker) throw new Error("no broker");
		return { url: `mqtt://127.0.0.1:${hosted.broker.listeners[0]?.port}`, running: hosted.broker };
	}

	/** What the node has sent so far, when it has sent that many. */
	async function events(count: number): Promise<Array<{ topic: string; event: string; payload: Msg }>> {
		const messages = await red.received("got", count);
		return messages.map(({ _msgid, ...rest }) => rest as { topic: string; event: string; payload: Msg });
	}

	test("tells who connects, subscribes, unsubscribes and leaves, as plain data", async () => {
		const { url } = await deploy(eventsNode({ events: ["connected", "subscribed", "unsubscribed", "disconnected"] }));
		const client = await connect(url, { clientId: "lamp", protocolVersion: 5 });
		await client.mqtt.subscribeAsync("home/lamp", { qos: 1 });
		await client.mqtt.unsubscribeAsync("home/lamp");
		await client.close();
		const got = await events(4);
		const about = expect.objectContaining({ id: "lamp", user: null, address: "127.0.0.1", protocolVersion: 5 });
		expect(got).toEqual([
			{ topic: "connected", event: "connected", payload: { client: about } },
			{
				topic: "subscribed",
				event: "subscribed",
				payload: { client: about, subscriptions: [{ filter: "home/lamp", qos: 1 }] },
			},
			{ topic: "unsubscribed", event: "unsubscribed", payload: { client: about, filters: ["home/lamp"] } },
			{ topic: "disconnected", event: "disconnected", payload: { client: about, reason: "the client disconnected" } },
		]);
		expect(JSON.parse(JSON.stringify(got))).toEqual(got);
	});

	test("tells refused connections and denied actions with the reason", async () => {
		const { url } = await deploy(eventsNode({ events: ["refused", "denied"] }));
		const client = await connect(url, { clientId: "forger", protocolVersion: 4 });
		await client.mqtt.publishAsync("$SYS/broker/uptime", "0 seconds", { qos: 1 });
		const [denied] = await events(1);
		expect(denied?.payload).toEqual({
			client: { id: "forger", user: null, address: "127.0.0.1" },
			action: "publish",
			topic: "$SYS/broker/uptime",
			reason: expect.any(String),
			count: 1,
		});
		await client.close();
		connectTcp(Number(new URL(url).port), "127.0.0.1").end("GET / HTTP/1.1\r\n\r\n");
		const refused = (await events(2)).at(-1);
		expect(refused?.event).toBe("refused");
		expect(refused?.payload).toEqual({
			client: { id: null, address: "127.0.0.1", listener: "tcp" },
			reason: expect.any(String),
			count: 1,
		});
	});

	test("tells what clients publish, with the payload as an in node detects it", async () => {
		const { url } = await deploy(eventsNode({ events: ["published"] }));
		const client = await connect(url, { clientId: "meter", protocolVersion: 5 });
		const properties = { userProperties: { unit: "W" }, correlationData: Buffer.from("7") };
		await client.mqtt.publishAsync("power", '{"watt":5}', { qos: 1, retain: true, properties });
		await client.mqtt.publishAsync("bytes", Buffer.from([1, 2]), { qos: 0 });
		await client.mqtt.publishAsync("bad", "{", { qos: 1, properties: { contentType: "application/json" } });
		const got = await events(3);
		const by = { id: "meter", user: null };
		expect(got.map(({ payload }) => payload)).toEqual([
			{ client: by, message: { topic: "power", payload: { watt: 5 }, qos: 1, retain: true, ...properties } },
			{ client: by, message: { topic: "bytes", payload: Buffer.from([1, 2]), qos: 0, retain: false } },
			{
				client: by,
				message: { topic: "bad", payload: Buffer.from("{"), qos: 1, retain: false, contentType: "application/json" },
			},
		]);
		await client.close();
	});

	test("tells neither what the flow publishes nor $SYS, if not asked to", async () => {
		const { url } = await deploy(eventsNode({ events: ["published"] }), outNode());
		red.send("out", { topic: "from/flow", payload: "1" });
		const client = await connect(url);
		await client.mqtt.publishAsync("from/client", "2", { qos: 1 });
		expect((await events(1)).map(({ payload }) => (payload.message as Msg).topic)).toEqual(["from/client"]);
		await client.close();
	});

	test("tells what the flow publishes on request, and $SYS on request", async () => {
		const own = eventsNode({ events: ["published"], includeOwn: true });
		const sys = eventsNode({ id: "sys", events: ["published"], includeSys: true, topic: "$SYS/broker/version" });
		await deploy(own, sys, outNode());
		red.send("out", { topic: "from/flow", payload: "1" });
		const topics = (await events(2)).map(({ payload }) => (payload.message as Msg).topic);
		expect(topics.sort()).toEqual(["$SYS/broker/version", "from/flow"]);
	});

	test("does not tell what the flow publishes because of an event: that would never end", async () => {
		const { url } = await deploy(
			eventsNode({ events: ["published"], includeOwn: true, wires: [["got", "out"]] }),
			outNode({ topic: "log/events", qos: "2", retain: "true" }),
		);
		const client = await connect(url);
		await client.mqtt.subscribeAsync("log/#", { qos: 1 });
		red.send("out", { topic: "ignored", payload: "by hand" });
		await client.mqtt.publishAsync("from/client", "2", { qos: 1 });
		// One by hand, and one for each of the two events.
		await client.count(3);
		red.send("out", { topic: "ignored", payload: "end" });
		await client.count(5);
		const told = (await events(3)).map(({ payload }) => payload.message as Msg);
		expect(told.map(({ topic, payload }) => [topic, payload])).toEqual([
			["log/events", "by hand"],
			["from/client", 2],
			["log/events", "end"],
		]);
		await client.close();
	});

	// biome-ignore lint/suspicious/noTemplateCurlyInString: this is how a flow names a variable
	const topic = "home/${ROOM}/#";

	test("tells only what the filters select", async () => {
		const all = ["connected", "subscribed", "published"];
		const { url } = await deploy(eventsNode({ events: all, clientId: "sensor-*", topic }));
		for (const clientId of ["other", "sensor-1"]) {
			const client = await connect(url, { clientId });
			await client.mqtt.subscribeAsync(["home/kitchen/+", "home/#"]);
			await client.mqtt.publishAsync("home/cellar/light", "on", { qos: 1 });
			await client.mqtt.publishAsync("home/kitchen/light", "on", { qos: 1 });
			await client.close();
		}
		const got = await events(3);
		expect(got.map(({ event, payload }) => [event, (payload.client as Msg).id])).toEqual([
			["connected", "sensor-1"],
			["subscribed", "sensor-1"],
			["published", "sensor-1"],
		]);
		expect(got[1]?.payload.subscriptions).toEqual([{ filter: "home/kitchen/+", qos: 0 }]);
		expect(got[2]?.payload.message).toMatchObject({ topic: "home/kitchen/light" });
	});

	test("tells nothing of clients without user name where a user is asked for", async () => {
		const { url } = await deploy(
			eventsNode({ events: ["connected", "published"], user: "*" }),
			eventsNode({ id: "all", events: ["disconnected"] }),
		);
		const client = await connect(url, { clientId: "nobody" });
		await client.close();
		expect((await events(1)).map(({ event }) => event)).toEqual(["disconnected"]);
	});

	test("counts what is too much for one second, and tells it at the end", async () => {
		const { url } = await deploy(eventsNode({ events: ["published"], rate: 2 }));
		const client = await connect(url);
		await Promise.all(["1", "2", "3", "4", "5"].map((text) => client.mqtt.publishAsync("t", text, { qos: 1 })));
		const got = await events(3);
		expect(got.map(({ event }) => event)).toEqual(["published", "published", "dropped"]);
		expect(got[2]?.payload).toEqual({
			client: null,
			count: 3,
			reason: "more than 2 events in a second",
			events: { published: 3 },
		});
		await client.mqtt.publishAsync("t", "again", { qos: 1 });
		expect((await events(4))[3]?.event).toBe("published");
		await client.close();
	});

	test("tells listeners that come up with the broker", async () => {
		await deploy(eventsNode({ events: ["listener"] }));
		const [up] = await events(1);
		expect(up?.payload.listener).toMatchObject({ name: "tcp", kind: "tcp", host: "127.0.0.1", up: true, error: null });
	});

	test("tells bans, and messages that found no room", async () => {
		const { url, running } = await deploy(eventsNode({ events: ["banned", "dropped"] }));
		running.bans.add({ clientId: "mallory" }, 4e12, "noise");
		const [banned] = await events(1);
		expect(banned?.payload).toEqual({
			client: { id: "mallory", user: null, address: null },
			until: 4e12,
			reason: "noise",
			by: "administrator",
			count: 1,
		});
		const away = await connect(url, { clientId: "away", clean: false });
		await away.mqtt.subscribeAsync("t", { qos: 1 });
		await away.close();
		const client = await connect(url);
		const most = running.options.limits.queuedMessages;
		for (let sent = 0; sent <= most; sent++) client.mqtt.publish("t", "x", { qos: 1 });
		const dropped = (await events(2))[1];
		expect(dropped).toMatchObject({ event: "dropped", payload: { client: { id: "away" }, count: 1 } });
		await client.close();
	});

	test("tells what is wrong with the disk, and shows it as its status until the disk works again", async () => {
		const { running } = await deploy(eventsNode({ events: ["store"] }));
		const error = new FlowbrokerError("STORE_FAILING", "The disk is full: free some space.");
		running.events.emit("storeProblem", { kind: "failing", error });
		await red.status("events", ({ fill, text }) => fill === "red" && text === "disk refuses");
		running.events.emit("storeProblem", { kind: "working" });
		await red.status("events", ({ fill }) => fill === "green");
		expect((await events(2)).map(({ payload }) => payload)).toEqual([
			{ state: "failing", error: { code: "STORE_FAILING", message: error.message } },
			{ state: "working", error: null },
		]);
		expect(red.log.some(({ id, msg }) => id === "broker" && String(msg).includes("free some space"))).toBe(true);
	});

	test("tells a certificate that is about to expire, and shows the days that are left", async () => {
		await using house = await makeHouse();
		const tls = { tlsPort: 0, certFile: house.files.certFile, keyFile: house.files.keyFile };
		await red.deploy([tab, { ...broker, ...tls }, probe, eventsNode({ events: ["certificate"] })]);
		const [ending] = await events(1);
		expect(ending?.payload).toMatchObject({
			daysLeft: 9,
			listener: { name: "tls", certificate: { subject: "CN=first" } },
		});
		await red.status("events", ({ fill, text }) => fill === "yellow" && text === "certificate: 9 days");
	});

	test("shows how the broker is doing, and stops listening with its flow", async () => {
		const { running } = await deploy();
		const listeners = () => running.events.eventNames().map((name) => [name, running.events.listenerCount(name)]);
		const before = listeners();
		await red.deploy([tab, broker, probe, eventsNode({ events: [...eventKinds] })], "nodes");
		await red.status("events", ({ fill, text }) => fill === "green" && text?.includes("0 clients") === true);
		expect(listeners()).not.toEqual(before);
		await red.deploy([tab, broker, probe], "nodes");
		expect(listeners()).toEqual(before);
	});

	test.each([
		[{ events: ["conected"] }, "events"],
		[{ rate: 0 }, "rate"],
		[{ topic: "home/#/light" }, "home/#/light"],
	])("says what is wrong with %j", async (changes, named) => {
		await deploy(eventsNode(changes));
		await red.status("events", ({ fill }) => fill === "red");
		const errors = red.log.filter(({ id, level }) => id === "events" && level === 20);
		expect(String(errors[0]?.msg)).toContain(named);
	});
});

describe("a text with *", () => {
	test.each([
		["sensor-*", "sensor-1", true],
		["sensor-*", "sensor-", true],
		["sensor-*", "a-sensor-1", false],
		["*-1", "sensor-1", true],
		["*", "", true],
		["a*b*c", "a--b--c", true],
		["a*b*c", "a--c--b", false],
		["ab*ba", "aba", false],
		["a.c", "abc", false],
		["plain", "plain", true],
		["plain", "plainly", false],
	])("%p and %p: %p", (pattern, text, fits) => {
		expect(matchesWildcard(pattern, text)).toBe(fits);
	});
});

describe("the form of the events node", () => {
	const root = join(__dirname, "../..");
	const page = () => readFile(join(root, "dist/nodes/events/events.html"), "utf8");

	test("has the defaults of the runtime half and a field for each, and a box for each kind of event", async () => {
		const html = await page();
		const registered = new Map<string, { defaults: Record<string, { value: unknown }>; icon: string }>();
		const RED = { nodes: { registerType: registered.set.bind(registered) } };
		runInNewContext(/<script type="text\/javascript">(.*?)<\/script>/s.exec(html)?.[1] ?? "", { RED });
		const definition = registered.get(eventsType);
		const values = Object.entries(definition?.defaults ?? {}).map(([name, { value }]) => [name, value]);
		expect(Object.fromEntries(values)).toEqual(eventsDefaults);
		for (const name of Object.keys(eventsDefaults)) expect(html).toContain(`id="node-input-${name}"`);
		for (const kind of eventKinds) {
			expect(html).toContain(`<option value="${kind}">`);
			expect(html).toContain(`id="flowbroker-events-${kind}"`);
		}
		expect(await readdir(join(root, "dist/nodes/events/icons"))).toEqual([definition?.icon]);
	});

	test("uses only texts that exist, and all of them, and the help knows every kind", async () => {
		const html = await page();
		const used = [...html.matchAll(/data-i18n="(?:\[\w+\])?(events\.[^"]+)"/g)].map(([, key]) => key);
		const catalogue = JSON.parse(await readFile(join(root, "nodes/events/locales/en-US/events.json"), "utf8"));
		const keys = Object.entries(catalogue.events as Record<string, object>).flatMap(([group, texts]) =>
			Object.keys(texts).map((key) => `events.${group}.${key}`),
		);
		expect([...new Set(used)].sort()).toEqual(keys.sort());
		const help = await readFile(join(root, "nodes/events/locales/en-US/events.html"), "utf8");
		for (const kind of eventKinds) expect(help).toContain(`<dt>${kind}</dt>`);
	});
});
