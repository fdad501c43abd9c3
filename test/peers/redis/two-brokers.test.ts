/** Two brokers on one Redis are one broker. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

test("a broker can be stopped while Redis is away", async () => {
	await redis.stop();
	await one.broker.stop();
	expect(one.broker.state).toBe("stopped");
});
