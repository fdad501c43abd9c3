/** Sessions that travel between two brokers on one Redis. */

import { afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { IClientOptions, IClientPublishOptions } from "mqtt";
import type { Packet } from "mqtt-packet";
import { startBroker, type TestBroker } from "../../helpers/broker";
import { connect, type TestClient } from "../../helpers/mqtt-client";
import { connectPacket, RawClient } from "../../helpers/raw-client";
import { type RedisServer, redisModules, startRedis } from "../../helpers/redis";

let redis: RedisServer;
let one: TestBroker;
let other: TestBroker;
const clients: TestClient[] = [];

const start = (options: object = {}) =>
	startBroker({ sysInterval: 0, store: { kind: "redis", url: redis.url, modules: redisModules() }, ...options });

async function open(broker: TestBroker, options: IClientOptions = {}): Promise<TestClient> {
	const client = await connect(broker.url, { protocolVersion: 5, ...options });
	clients.push(client);
	return client;
}

const lasting = (clientId: string, seconds = 3_600): IClientOptions => ({
	clientId,
	clean: false,
	properties: { sessionExpiryInterval: seconds },
});

const publish = async (client: TestClient, topic: string, texts: readonly string[], options: IClientPublishOptions) => {
	await Promise.all(texts.map((text) => client.mqtt.publishAsync(topic, text, options)));
};

const numbers = (count: number) => Array.from({ length: count }, (_, at) => `${at}`);

const expired = (id: string) =>
	new Promise<void>((resolve) => {
		for (const { broker } of [one, other]) {
			broker.events.on("sessionExpired", (clientId) => {
				if (clientId === id) resolve();
			});
		}
	});

beforeAll(() => {
	redisModules();
}, 120_000);

beforeEach(async () => {
	redis = await startRedis();
	one = await start();
	other = await start();
});

afterEach(async () => {
	for (const client of clients.splice(0)) client.mqtt.end(true);
	await Promise.all([one.broker.stop(), other.broker.stop()]);
	await redis.remove();
});

test.each([
	[1, 1_100],
	[2, 60],
] as const)("a queue with QoS %d comes whole and in order, with what is published meanwhile", async (qos, waiting) => {
	await Promise.all([one.broker.stop(), other.broker.stop()]);
	const limits = { queuedMessages: 10_000 };
	[one, other] = [await start({ limits }), await start({ limits })];
	const first = await open(one, lasting("reader"));
	await first.mqtt.subscribeAsync("count", { qos });
	await first.close();
	const publisher = await open(one);
	const texts = numbers(waiting + 80);
	await publish(publisher, "count", texts.slice(0, waiting), { qos });
	const [back] = await Promise.all([
		open(other, lasting("reader")),
		publish(publisher, "count", texts.slice(waiting, waiting + 60), { qos }),
	]);
	await publish(publisher, "count", texts.slice(waiting + 60), { qos });
	expect((await back.count(texts.length)).map(({ text }) => text)).toEqual(texts);
});

test("a client that reads slowly gets a queue that is larger than its buffer", async () => {
	await Promise.all([one.broker.stop(), other.broker.stop()]);
	const limits = { clientBuffer: 65_536 };
	[one, other] = [await start({ limits }), await start({ limits })];
	const first = await open(one, lasting("reader"));
	await first.mqtt.subscribeAsync("count", { qos: 1 });
	await first.close();
	const publisher = await open(one);
	const texts = numbers(30).map((text) => text.padEnd(100_000));
	await publish(publisher, "count", texts, { qos: 1 });
	const back = await open(other, lasting("reader"));
	expect((await back.count(30)).map(({ text }) => text.trim())).toEqual(numbers(30));
});

test("what is under way when another process takes over is sent again, with DUP, under the same packet identifier", async () => {
	const slow = await open(one, lasting("slow"));
	// Takes the first message, and acknowledges nothing.
	slow.mqtt.handleMessage = () => {};
	await slow.mqtt.subscribeAsync("work", { qos: 1 });
	const publisher = await open(other);
	await publish(publisher, "work", ["a", "b", "c"], { qos: 1 });
	const first = await slow.next();
	const taker = await open(other, lasting("slow"));
	const got = await taker.count(3);
	expect(got.map(({ text }) => text)).toEqual(["a", "b", "c"]);
	expect([got[0]?.packet.dup, got[0]?.packet.messageId]).toEqual([true, first.packet.messageId]);
});

test("a session that has gone on at another process does not end when its time at the first is over", async () => {
	const markerGone = expired("marker");
	const first = await open(one, lasting("traveller", 1));
	await first.mqtt.subscribeAsync("mail", { qos: 1 });
	await first.close();
	const back = await open(other, lasting("traveller", 1));
	const marker = await open(one, lasting("marker", 1));
	await marker.close();
	await markerGone;
	const publisher = await open(one);
	await publisher.mqtt.publishAsync("mail", "still here", { qos: 1 });
	expect((await back.next()).text).toBe("still here");
	await back.close();
	await publisher.mqtt.publishAsync("mail", "waits", { qos: 1 });
	const again = await open(one, lasting("traveller", 1));
	expect((await again.next()).text).toBe("waits");
});

test("a will that waits for its delay is not sent when the client has come back at another process", async () => {
	const watcher = await open(other);
	await watcher.mqtt.subscribeAsync("status/#", { qos: 1 });
	const will = (id: string): IClientOptions => ({
		...lasting(id),
		will: {
			topic: `status/${id}`,
			payload: Buffer.from("offline"),
			qos: 1,
			retain: false,
			properties: { willDelayInterval: 1 },
		},
	});
	const lamp = await open(one, will("lamp"));
	await lamp.drop();
	await open(other, lasting("lamp"));
	const pump = await open(one, will("pump"));
	await pump.drop();
	expect((await watcher.next()).topic).toBe("status/pump");
});

test("subscriptions keep their options at the other process", async () => {
	const first = await open(one, lasting("choosy"));
	const options = { qos: 1, nl: true, rap: true, properties: { subscriptionIdentifier: 7 } } as const;
	await first.mqtt.subscribeAsync("t/#", options);
	await first.close();
	const publisher = await open(one);
	await publisher.mqtt.publishAsync("t/a", "while away", { qos: 2, retain: true });
	const back = await open(other, lasting("choosy"));
	await back.mqtt.publishAsync("t/own", "own", { qos: 1 });
	await publisher.mqtt.publishAsync("t/b", "live", { qos: 1, retain: true });
	const got = await back.count(2);
	expect(
		got.map(({ text, qos, retain, packet }) => [text, qos, retain, packet.properties?.subscriptionIdentifier]),
	).toEqual([
		["while away", 1, true, 7],
		["live", 1, true, 7],
	]);
});

test.each([
	["newest", ["0", "1", "2"]],
	["oldest", ["4", "5", "6"]],
])("a queue has no more messages than it may, and the %s are dropped and told", async (queueDrops, left) => {
	await Promise.all([one.broker.stop(), other.broker.stop()]);
	const limits = { queuedMessages: 3, queueDrops };
	[one, other] = [await start({ limits }), await start({ limits })];
	const told = new Promise<string>((resolve) => {
		for (const { broker } of [one, other]) broker.events.on("queueFull", (id) => resolve(String(id)));
	});
	const first = await open(one, lasting("away"));
	await first.mqtt.subscribeAsync("t", { qos: 1 });
	await first.close();
	const publishers = [await open(one), await open(other)];
	for (const [at, text] of numbers(7).entries()) {
		await publishers[at % 2]?.mqtt.publishAsync("t", text, { qos: 1 });
	}
	expect(await told).toBe("away");
	expect(one.broker.metrics().publish.dropped.queueFull + other.broker.metrics().publish.dropped.queueFull).toBe(4);
	const back = await open(other, lasting("away"));
	await publishers[0]?.mqtt.publishAsync("t", "end", { qos: 1 });
	await back.next(({ text }) => text === "end");
	expect(back.received.map(({ text }) => text)).toEqual([...left, "end"]);
	// Nothing is left of what nobody waits for.
	await back.close();
	await open(one, { clientId: "away", clean: true });
	expect(await redis.command("EXISTS flowbroker:queue:away flowbroker:entries:away flowbroker:sent:away")).toBe(":0");
	expect(await redis.command("KEYS flowbroker:message:*")).toBe("*0");
});

test("a publisher's QoS 2 message that is sent again to another process comes once", async () => {
	const reader = await open(one, lasting("reader"));
	await reader.mqtt.subscribeAsync("pay", { qos: 2 });
	const payer = await open(one, lasting("payer"));
	// It never hears that its message has arrived.
	const cut = new Promise<void>((resolve) => {
		payer.mqtt.on("packetreceive", ({ cmd }) => {
			if (cmd !== "pubrec") return;
			payer.mqtt.stream.destroy();
			resolve();
		});
	});
	let messageId: number | undefined;
	payer.mqtt.on("packetsend", (packet) => {
		if (packet.cmd === "publish") messageId = packet.messageId;
	});
	payer.mqtt.publish("pay", "10 euros", { qos: 2 });
	await cut;
	const again = await open(other, lasting("payer"));
	(again.mqtt as unknown as { _sendPacket(packet: object): void })._sendPacket({
		cmd: "publish",
		topic: "pay",
		payload: "10 euros",
		qos: 2,
		dup: true,
		retain: false,
		messageId,
	});
	await again.mqtt.publishAsync("pay", "end", { qos: 1 });
	await reader.next(({ text }) => text === "end");
	expect(reader.received.filter(({ text }) => text === "10 euros")).toHaveLength(1);
});

test("of two that log in with one client id at both brokers at the same moment, one stays", async () => {
	for (let round = 0; round < 60; round++) {
		const rivals = await Promise.all([one, other].map(({ port }) => RawClient.open(port, 5)));
		for (const rival of rivals) rival.send(connectPacket(5, { clientId: "twin", clean: round % 2 === 0 }));
		await Promise.race(rivals.map((rival) => rival.closed()));
		const [left] = rivals.filter(({ isClosed }) => !isClosed);
		expect((await left?.expect("connack"))?.reasonCode).toBe(0);
		// Answered when all is known that was done before.
		left?.send({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "a", qos: 0 }] });
		expect(await left?.expect("suback")).toBeDefined();
		for (const { inbox } of rivals) for (const packet of inbox) expect(CONNACK_CODES).toContain(codeOf(packet));
		left?.drop();
	}
}, 30_000);

/** Codes that a CONNACK may have here; undefined for other packets. [MQTT 5, 3.2.2.2] */
const CONNACK_CODES = [undefined, 0, 0x88];

function codeOf(packet: Packet): number | undefined {
	return packet.cmd === "connack" ? packet.reasonCode : undefined;
}
