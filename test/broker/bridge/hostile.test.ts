import { once } from "node:events";
import { connect } from "node:net";
import { Duplex } from "node:stream";
import { describe, expect, test } from "@jest/globals";
import type { IConnackPacket, IPublishPacket, Packet } from "mqtt-packet";
import { bridgeRemote } from "../../../nodes/bridge/bridge-remote";
import { remoteOptionsOf } from "../../../nodes/broker/remote-settings";
import { startBroker, type TestBroker } from "../../helpers/broker";
import { endedAfterEach } from "../../helpers/kept";
import { LookOut } from "../../helpers/look-out";
import { type Changes, isConnected, join } from "./joined";
import { type Remote, startRemote } from "./remote";

const keep = endedAfterEach();

async function scene(rules: readonly string[], connack: Partial<IConnackPacket> = {}, changes: Changes = {}) {
	const here = keep(await startBroker());
	const there = keep(await startRemote(connack));
	const arrived: string[] = [];
	here.broker.events.on(
		"published",
		({ topic, payload }) => topic.startsWith("$") || arrived.push(`${topic} ${payload}`),
	);
	const joined = keep(await join(here, there.port, rules, changes));
	await joined.until(isConnected);
	return { here, there, arrived, joined };
}

const message = (topic: string, payload: string, qos: 0 | 1 | 2, messageId: number): IPublishPacket => ({
	cmd: "publish",
	topic,
	payload,
	qos,
	messageId,
	dup: false,
	retain: false,
});

function publish({ broker }: TestBroker, topic: string, count: number, qos: 0 | 1 | 2 = 1): void {
	const local = broker.localClient("test");
	for (let at = 0; at < count; at++) local.publish({ topic, payload: Buffer.from(String(at)), qos, retain: false });
}

/** What the bridge has to say to it is over when this is answered. */
async function settled(there: Remote): Promise<void> {
	const before = there.inbox.filter(({ cmd }) => cmd === "puback").length;
	there.send(message("in/end", "end", 1, 60_000));
	await there.count("puback", before + 1);
}

test("a broker that can't say how many messages it takes at a time gets 20", async () => {
	const here = keep(await startBroker());
	const there = keep(await startRemote({}, 4));
	const joined = keep(await join(here, there.port, ["out/# out 2", "in/# in 2"], { protocolVersion: 4 }));
	await joined.until(isConnected);
	publish(here, "out/x", 50, 2);
	await settled(there);
	expect(there.inbox.filter(({ cmd }) => cmd === "publish")).toHaveLength(20);
});

describe("a broker that does not keep to the rules", () => {
	test("sends topics that nobody asked for, and topics that are none: they are acknowledged, and go nowhere", async () => {
		const { there, arrived, joined } = await scene(["in/# in 2"]);
		there.send(message("out/x", "1", 1, 1), message("$SYS/x", "1", 1, 2), message("in/#", "1", 1, 3));
		there.send(message("in/+/x", "1", 2, 4), message("in/x", "good", 2, 5));
		await settled(there);
		expect(arrived).toEqual(["in/x good", "in/end end"]);
		expect((await there.count("pubrec", 2)).map(({ messageId }) => messageId)).toEqual([4, 5]);
		expect(joined.bridge.state.dropped).toBe(2);
		expect(joined.bridge.state.error?.message).toContain('"in/#" did not cross the bridge');
	});

	test.each([
		["a topic alias", { ...message("in/x", "1", 0, 0), properties: { topicAlias: 1 } }, "topic alias"],
		["no topic", message("", "1", 0, 0), "no topic"],
		["the packet id 0", message("in/x", "1", 1, 0), "packet id 0"],
	])("sends %s that it must not: the connection is closed, with the reason", async (_what, packet, reason) => {
		const { there, arrived, joined } = await scene(["in/# in 2"]);
		there.socket.write(raw(packet as IPublishPacket));
		const { error } = await joined.until(({ error }) => error !== undefined);
		expect(error?.message).toContain(reason);
		expect(arrived).toEqual([]);
	});

	test("sends a packet that is larger than it may be: the connection is closed before it is in memory", async () => {
		const { there, joined } = await scene(["in/# in 2"], {}, { link: { maximumPacketSize: 100_000 } });
		const head = Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]);
		there.socket.write(head);
		for (let at = 0; at < 5; at++) there.socket.write(Buffer.alloc(50_000));
		const { error } = await joined.until(({ phase }) => phase === "away");
		expect(error?.message).toContain("a packet is larger than 100000 bytes");
	});

	test("acknowledges what was never sent: nothing comes of it", async () => {
		const { here, there, joined } = await scene(["in/# in 2", "out/# out 2"]);
		publish(here, "out/x", 1, 2);
		const [sent] = (await there.count("publish", 1)) as IPublishPacket[];
		for (const messageId of [0, 1, 7, 65_535].filter((id) => id !== sent?.messageId)) {
			for (const cmd of ["puback", "pubcomp", "pubrel"] as const) there.send({ cmd, messageId } as Packet);
			there.send({ cmd: "suback", messageId, granted: [2] }, { cmd: "unsuback", messageId, granted: [0] } as Packet);
		}
		there.send({ cmd: "pubrec", messageId: 9 });
		await there.count("pubrel", 1);
		await settled(there);
		expect(joined.bridge.state).toMatchObject({ phase: "connected", waiting: 1, dropped: 0 });
		there.send({ cmd: "pubrec", messageId: sent?.messageId ?? 0 }, { cmd: "pubcomp", messageId: sent?.messageId ?? 0 });
		await joined.until(({ waiting }) => waiting === 0);
	});

	test("never acknowledges: no more is under way than it may have, and no more waits than is allowed", async () => {
		const queue = { messages: 500, bytes: 1_000_000, drop: "newest", qos0: false } as const;
		const { here, there, joined } = await scene(["out/# out 2"], { properties: { receiveMaximum: 10 } }, { queue });
		publish(here, "out/x", 2_000);
		await there.count("publish", 10);
		expect(joined.bridge.state).toMatchObject({ waiting: 500, dropped: 1_500 });
		expect(there.inbox.filter(({ cmd }) => cmd === "publish")).toHaveLength(10);
	});

	test("floods us and reads no answers: it is not read from until it reads", async () => {
		const here = keep(await startBroker());
		const there = keep(await startRemote());
		const line = new Line(there.port);
		const joined = keep(await join(here, { ...wayTo(there.port), open: () => line.stream }, ["in/# in 2"]));
		await joined.until(isConnected);
		await there.count("subscribe", 1);
		line.isStalled = true;
		const total = 100_000;
		const flood = Buffer.alloc(4 * total);
		for (let at = 0; at < total; at++) flood.set([0x50, 2, 1, 1 + (at % 200)], 4 * at);
		const paused = once(line.stream, "pause");
		there.socket.write(flood);
		await paused;
		expect(line.stream.writableLength).toBeLessThan(1_000_000);
		line.goOn();
		await there.count("pubrel", total);
		expect(joined.bridge.state.phase).toBe("connected");
	}, 30_000);

	test("closes each connection at once: it is tried again more and more slowly, and said why", async () => {
		const here = keep(await startBroker());
		const there = keep(await startRemote("close"));
		const pauses: number[] = [];
		const way = wayTo(there.port);
		const pause = (failures: number) => pauses.push(failures) && 1;
		const joined = keep(await join(here, { ...way, pause }, ["# both 1"]));
		const { error } = await joined.until(() => pauses.length >= 3);
		expect(pauses.slice(0, 3)).toEqual([1, 2, 3]);
		expect(error?.message).toContain("closes the connection without an answer");
	});
});

/** The way that the node takes. */
function wayTo(port: number) {
	return bridgeRemote(
		remoteOptionsOf(
			{ broker: "127.0.0.1", port },
			{ lookup: () => undefined, login: {}, tlsOf: () => ({ rejectUnauthorized: true }) },
		),
	);
}

/** A connection that takes nothing while it is stalled: a network card has buffers of unknown size. */
class Line {
	isStalled = false;
	readonly stream: Duplex;
	#goOn = () => {};

	constructor(port: number) {
		const socket = connect({ host: "127.0.0.1", port });
		this.stream = new Duplex({
			read: () => {},
			write: (chunk: Buffer, _encoding, done) => {
				const write = () => socket.write(chunk, done);
				if (this.isStalled) this.#goOn = write;
				else write();
			},
			destroy: (error, done) => {
				socket.destroy();
				done(error);
			},
		});
		socket.on("data", (chunk) => this.stream.push(chunk));
		socket.on("close", () => this.stream.destroy());
		socket.on("error", () => {});
	}

	goOn(): void {
		this.isStalled = false;
		this.#goOn();
	}
}

describe("bridges that overlap", () => {
	test.each([
		["over MQTT 5", 5],
		["over MQTT 3.1.1", 4],
	] as const)("rules that select the same message bring it once, %s", async (_name, protocolVersion) => {
		const [here, there] = [keep(await startBroker()), keep(await startBroker())];
		const seen = watch(here);
		const rules = ["a/# in 1 l/", "# in 2", "+/x in 2", "a/+ in 2", "a/x in 0", "a/+/# in 1"];
		const wider = [...rules, "+/# in 2", "+/+ in 1", "a/x/# in 2", "+/x/# in 1"];
		const joined = keep(await join(here, there.port, wider, { protocolVersion }));
		await joined.until(isConnected);
		await subscribed(there, wider.length);
		publish(there, "a/x", 3, 2);
		publish(there, "b", 1, 2);
		publish(there, "end", 1, 2);
		await seen.until("end");
		expect(seen.arrived.map((one) => one.slice(0, -2))).toEqual(["l/a/x 0", "l/a/x 1", "l/a/x 2", "b 0", "end 0"]);
		if (protocolVersion === 5) expect(seen.arrived[0]).toBe("l/a/x 0 1");
	});

	test("what waited at the other broker while a rule was added comes all the same, once", async () => {
		const [here, there] = [keep(await startBroker()), keep(await startBroker())];
		const seen = watch(here);
		const id = { id: "grows", link: { clientId: "test.grows" } };
		const before = await join(here, there.port, ["a/# in 1", "b/# in 1"], id);
		await before.until(isConnected);
		await subscribed(there, 2);
		publish(there, "a/first", 1);
		await seen.until("a/first");
		await before.bridge.stop();
		publish(there, "a/waits", 3);
		const after = keep(await join(here, there.port, ["a/+ in 1", "a/# in 1", "b/# in 1"], id));
		await after.until(isConnected);
		await subscribed(there, 3);
		publish(there, "a/new", 2);
		publish(there, "b/end", 1);
		await seen.until("b/end");
		const texts = seen.arrived.map((one) => one.slice(0, -2));
		expect(texts).toEqual(["a/first 0", "a/waits 0", "a/waits 1", "a/waits 2", "a/new 0", "a/new 1", "b/end 0"]);
	});

	test.each([
		["MQTT 5", "5", "another client connected with the same client id"],
		["MQTT 3.1.1", "4", "Perhaps another client has the same client id"],
	] as const)("two with the same client id are told so, over %s", async (_name, version, words) => {
		const [one, other, there] = [keep(await startBroker()), keep(await startBroker()), keep(await startBroker())];
		const same: Changes = { protocolVersion: Number(version) as 4 | 5, link: { clientId: "same" } };
		const way = { ...wayTo(there.port), pause: () => 5 };
		const first = keep(await join(one, way, ["# both 1"], same));
		await first.until(isConnected);
		const second = keep(await join(other, way, ["# both 1"], same));
		const told = await Promise.race([
			first.until(({ error }) => error?.message.includes(words) === true),
			second.until(({ error }) => error?.message.includes(words) === true),
		]);
		expect(told.error?.message).toMatch(/Give each client an id of its own|give each bridge an id of its own/);
	});
});

async function subscribed({ broker }: TestBroker, filters: number): Promise<void> {
	const count = () => broker.clients().reduce((sum, { subscriptions }) => sum + subscriptions.length, 0);
	if (count() >= filters) return;
	await new Promise<void>((resolve) => broker.events.on("subscribed", () => count() >= filters && resolve()));
}

/** What is published at a broker, but not what it tells of itself. */
function watch({ broker }: TestBroker) {
	const arrived: string[] = [];
	const lookOut = new LookOut();
	broker.events.on("published", ({ topic, payload, qos }) => {
		if (topic.startsWith("$")) return;
		arrived.push(`${topic} ${payload} ${qos}`);
		lookOut.changed();
	});
	return { arrived, until: (text: string) => lookOut.until(() => arrived.find((one) => one.startsWith(text))) };
}

function raw(packet: IPublishPacket): Buffer {
	const topic = Buffer.from(packet.topic);
	const alias = packet.properties?.topicAlias;
	const properties = alias === undefined ? [0] : [3, 0x23, 0, alias];
	const id = packet.qos > 0 ? [0, packet.messageId ?? 0] : [];
	const body = Buffer.concat([
		Buffer.from([0, topic.length]),
		topic,
		Buffer.from([...id, ...properties]),
		Buffer.from("1"),
	]);
	return Buffer.concat([Buffer.from([0x30 | (packet.qos << 1), body.length]), body]);
}
