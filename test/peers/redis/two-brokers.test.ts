/** Two brokers on one Redis are one broker. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { IClientOptions } from "mqtt";
import type { Message } from "../../../broker";
import { startBroker, type TestBroker } from "../../helpers/broker";
import { connect, type TestClient } from "../../helpers/mqtt-client";
import { type RedisServer, redisModules, startRedis } from "../../helpers/redis";

let redis: RedisServer;
let folder: string;
let one: TestBroker;
let other: TestBroker;
const clients: TestClient[] = [];

const start = (name: string) =>
	startBroker({
		sysInterval: 0,
		access: { kind: "users", file: join(folder, name, "access.json") },
		store: { kind: "redis", url: redis.url, modules: redisModules() },
	});

async function open(broker: TestBroker, options: IClientOptions = {}): Promise<TestClient> {
	const client = await connect(broker.url, { protocolVersion: 5, ...options });
	clients.push(client);
	return client;
}

/** A session that outlives its connection. */
const lasting = (clientId: string): IClientOptions => ({
	clientId,
	clean: false,
	properties: { sessionExpiryInterval: 3_600 },
});

beforeAll(() => {
	redisModules();
}, 120_000);

beforeEach(async () => {
	redis = await startRedis();
	folder = mkdtempSync(join(tmpdir(), "flowbroker-shared-"));
	one = await start("one");
	other = await start("other");
});

afterEach(async () => {
	for (const client of clients.splice(0)) client.mqtt.end(true);
	await Promise.all([one.broker.stop(), other.broker.stop()]);
	await redis.remove();
	rmSync(folder, { recursive: true, force: true });
});

test.each([0, 1, 2] as const)(
	"a message with QoS %d published at one reaches a subscriber of the other",
	async (qos) => {
		const subscriber = await open(other);
		await subscriber.mqtt.subscribeAsync("home/+", { qos });
		const publisher = await open(one);
		for (const text of ["first", "second"]) await publisher.mqtt.publishAsync("home/light", text, { qos });
		expect((await subscriber.count(2)).map((got) => [got.text, got.qos])).toEqual([
			["first", qos],
			["second", qos],
		]);
	},
);

test("MQTT 5 properties cross, and retained messages are there at both, also inside the process", async () => {
	const properties = { contentType: "text/plain", userProperties: { room: "hall" } };
	const publisher = await open(one);
	await publisher.mqtt.publishAsync("kept/a", "1", { qos: 1, retain: true, properties });
	const subscriber = await open(other);
	await subscriber.mqtt.subscribeAsync("kept/#", { qos: 1 });
	const got = await subscriber.next();
	expect([got.text, got.retain, got.packet.properties?.contentType]).toEqual(["1", true, "text/plain"]);
	expect(got.packet.properties?.userProperties).toEqual({ room: "hall" });
	expect(other.broker.retained("kept/#").map(({ topic }) => topic)).toEqual(["kept/a"]);
});

test("a flow at one hears what clients and flows publish at the other", async () => {
	const heard: Message[] = [];
	const second = new Promise<void>((resolve) => {
		one.broker.localClient("flow").subscribe(["flow/#"], {}, (message) => {
			if (heard.push(message) === 2) resolve();
		});
	});
	const client = await open(other);
	await client.mqtt.publishAsync("flow/client", "a", { qos: 1 });
	const message = { topic: "flow/node", payload: Buffer.from("b"), qos: 1, retain: false } as const;
	await new Promise<void>((resolve, reject) =>
		other.broker.localClient("flow").publish(message, (error) => (error ? reject(error) : resolve())),
	);
	await second;
	expect(heard.map(({ topic, payload }) => [topic, payload.toString()])).toEqual([
		["flow/client", "a"],
		["flow/node", "b"],
	]);
});

test("a client carries on at the other with its session and what waited for it", async () => {
	const first = await open(one, lasting("traveller"));
	await first.mqtt.subscribeAsync("mail/#", { qos: 2 });
	await first.close();
	const publisher = await open(one);
	for (const qos of [1, 2] as const) await publisher.mqtt.publishAsync("mail/a", `qos ${qos}`, { qos });
	const again = await open(other, lasting("traveller"));
	expect((await again.count(2)).map(({ text }) => text)).toEqual(["qos 1", "qos 2"]);
	await publisher.mqtt.publishAsync("mail/b", "live", { qos: 1 });
	expect((await again.next(({ topic }) => topic === "mail/b")).text).toBe("live");
});

test("a client that logs in at the other takes its client id over", async () => {
	const older = await open(one, { clientId: "twin" });
	const ended = new Promise<void>((resolve) => older.mqtt.once("close", () => resolve()));
	await open(other, { clientId: "twin" });
	await ended;
	expect(other.broker.clients().map(({ id }) => id)).toEqual(["twin"]);
});

test("the will of a client that is lost at one reaches the other", async () => {
	const watcher = await open(other);
	await watcher.mqtt.subscribeAsync("status/+", { qos: 1 });
	const will = { topic: "status/lamp", payload: Buffer.from("offline"), qos: 1 as const, retain: false };
	const lamp = await open(one, { clientId: "lamp", will });
	await lamp.drop();
	expect((await watcher.next()).text).toBe("offline");
});

test("users, groups and rules that are changed at one are in force at the other", async () => {
	const changed = new Promise<void>((resolve) => {
		other.broker.access.onChange(() => {
			if (other.broker.users?.user("ann")) resolve();
		});
	});
	const rules = [{ effect: "allow", action: "all", filter: "#", priority: 0 }] as const;
	await one.broker.users?.addUser("ann", "secret", { rules });
	await changed;
	const ann = await open(other, { username: "ann", password: "secret", clientId: "anns" });
	await ann.mqtt.subscribeAsync("x");
	// The session is hers at both.
	const ben = new Promise<void>((resolve) => {
		one.broker.access.onChange(() => {
			if (one.broker.users?.user("ben")) resolve();
		});
	});
	await other.broker.users?.addUser("ben", "secret", { rules });
	await ben;
	await expect(open(one, { username: "ben", password: "wrong" })).rejects.toThrow(/Not authorized/);
});

test("while Redis is away nothing is acknowledged, and when it is back nothing is lost", async () => {
	const problems: string[] = [];
	const told = new Promise<void>((resolve) => {
		one.broker.events.on("storeProblem", ({ kind }) => {
			problems.push(kind);
			if (kind === "failing") resolve();
		});
	});
	const sleeper = await open(other, lasting("sleeper"));
	await sleeper.mqtt.subscribeAsync("news", { qos: 1 });
	const publisher = await open(one);
	await redis.stop();
	await told;
	let acknowledged = false;
	const cut = new Promise<void>((resolve) => publisher.mqtt.once("close", () => resolve()));
	publisher.mqtt.publish("news", "in the dark", { qos: 1 }, (error) => {
		acknowledged = !error;
	});
	// The broker lives, and answers what needs no Redis.
	await new Promise<void>((resolve) => {
		sleeper.mqtt.once("packetreceive", () => resolve());
		sleeper.mqtt.sendPing();
	});
	expect(acknowledged).toBe(false);
	const sentBack = new Promise<void>((resolve) => sleeper.mqtt.once("close", () => resolve()));
	await redis.start();
	await Promise.all([cut, sentBack]);
	if (!acknowledged) {
		// As with any message that was not acknowledged, the client sends it again.
		const again = await open(one);
		await again.mqtt.publishAsync("news", "in the dark", { qos: 1 });
	}
	const back = await open(other, lasting("sleeper"));
	expect((await back.next()).text).toBe("in the dark");
	expect(problems[0]).toBe("failing");
}, 60_000);

test("users that are changed at both at the same moment are there at both", async () => {
	const both = (broker: TestBroker) =>
		new Promise<void>((resolve) => {
			broker.broker.access.onChange(() => {
				if (broker.broker.users?.user("ann") && broker.broker.users.user("ben")) resolve();
			});
		});
	const there = Promise.all([both(one), both(other)]);
	await Promise.all([one.broker.users?.addUser("ann", "secret"), other.broker.users?.addUser("ben", "secret")]);
	await there;
});

test("a retained message that is cleared or expires at one is gone at the other", async () => {
	const publisher = await open(one);
	const properties = { messageExpiryInterval: 1 };
	await publisher.mqtt.publishAsync("kept/short", "1", { qos: 1, retain: true, properties });
	await publisher.mqtt.publishAsync("kept/cleared", "1", { qos: 1, retain: true });
	await publisher.mqtt.publishAsync("kept/stays", "1", { qos: 1, retain: true });
	const clearer = await open(other);
	await clearer.mqtt.publishAsync("kept/cleared", "", { qos: 0, retain: true });
	await wait(1_100);
	const late = await open(one);
	await late.mqtt.subscribeAsync("kept/#", { qos: 1 });
	await clearer.mqtt.publishAsync("kept/end", "end", { qos: 1 });
	await late.next(({ text }) => text === "end");
	expect(late.received.map(({ topic }) => topic)).toEqual(["kept/stays", "kept/end"]);
	await other.broker.stop();
	other = await start("third");
	expect(other.broker.retained("kept/#").map(({ topic }) => topic)).toEqual(["kept/stays"]);
});

test("filters with characters that mean something to Redis select what MQTT says", async () => {
	const subscriber = await open(other);
	await subscriber.mqtt.subscribeAsync(["room[1]/+", "a*?/+"], { qos: 1 });
	const publisher = await open(one);
	for (const topic of ["room1/x", "ab/x", "room[1]/x", "a*?/x"])
		await publisher.mqtt.publishAsync(topic, "1", { qos: 1 });
	expect((await subscriber.count(2)).map(({ topic }) => topic)).toEqual(["room[1]/x", "a*?/x"]);
});

test("a broker on another database of the same Redis hears nothing", async () => {
	const url = redis.url.replace(/0$/, "1");
	await using stranger = await startBroker({ sysInterval: 0, store: { kind: "redis", url, modules: redisModules() } });
	const listeners = [await open(stranger), await open(other)];
	for (const { mqtt } of listeners) await mqtt.subscribeAsync("#");
	const publisher = await open(one);
	await publisher.mqtt.publishAsync("t", "x", { qos: 1 });
	await listeners[0]?.mqtt.publishAsync("end", "x", { qos: 1 });
	await listeners[0]?.next(({ topic }) => topic === "end");
	await listeners[1]?.next(({ topic }) => topic === "t");
	expect(listeners.map(({ received }) => received.map(({ topic }) => topic))).toEqual([["end"], ["t"]]);
});

test.each([
	["is full", "CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0"],
	["has become a read-only replica", "REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE"],
])(
	"a Redis that %s acknowledges nothing, which is told, and takes everything again later",
	async (_name, spoil, mend) => {
		const problems: string[] = [];
		let works = () => {};
		const working = new Promise<void>((resolve) => {
			works = resolve;
		});
		one.broker.events.on("storeProblem", (problem) => {
			problems.push(problem.kind === "failing" ? `failing ${problem.error.code}` : problem.kind);
			if (problem.kind === "working") works();
		});
		const sleeper = await open(other, lasting("sleeper"));
		await sleeper.mqtt.subscribeAsync("news", { qos: 2 });
		await sleeper.close();
		await redis.command(spoil);
		for (const qos of [1, 2] as const) {
			const publisher = await open(one, { clientId: `publisher-${qos}` }).catch(() => undefined);
			// Also nobody new can log in.
			expect(publisher).toBeUndefined();
		}
		expect(problems[0]).toBe("failing STORE_FAILING");
		await redis.command(mend);
		await working;
		const publisher = await open(one);
		await publisher.mqtt.publishAsync("news", "kept", { qos: 1 });
		const back = await open(other, lasting("sleeper"));
		expect((await back.next()).text).toBe("kept");
	},
);

test.each([1, 2] as const)("a message with QoS %d that a full Redis refuses is not acknowledged", async (qos) => {
	const publisher = await open(one);
	const ended = new Promise<void>((resolve) => publisher.mqtt.once("close", () => resolve()));
	await redis.command("CONFIG SET maxmemory 1");
	let acknowledged = false;
	publisher.mqtt.on("packetreceive", ({ cmd }) => {
		if (cmd === "puback" || cmd === "pubrec") acknowledged = true;
	});
	publisher.mqtt.publish("news", "refused", { qos });
	await ended;
	expect(acknowledged).toBe(false);
});

test("a broker can be stopped while Redis is away", async () => {
	await redis.stop();
	await one.broker.stop();
	expect(one.broker.state).toBe("stopped");
});
