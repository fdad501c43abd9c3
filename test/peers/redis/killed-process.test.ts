/** A process that is killed: its clients carry on at another one, and their wills are sent. */

import { once } from "node:events";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { IClientOptions } from "mqtt";
import { startBroker, type TestBroker } from "../../helpers/broker";
import { type BrokerProcess, startBrokerProcess } from "../../helpers/broker-process";
import { connect, type TestClient } from "../../helpers/mqtt-client";
import { type RedisServer, redisModules, startRedis } from "../../helpers/redis";

let redis: RedisServer;
let one: TestBroker;
let other: TestBroker;
let doomed: BrokerProcess;
const clients: TestClient[] = [];

async function open(url: string, options: IClientOptions = {}): Promise<TestClient> {
	const client = await connect(url, { protocolVersion: 5, ...options });
	clients.push(client);
	return client;
}

const lasting = (clientId: string, seconds = 600): IClientOptions => ({
	clientId,
	clean: false,
	properties: { sessionExpiryInterval: seconds },
});

const will = (id: string, delay = 0): IClientOptions => ({
	...lasting(id),
	will: {
		topic: `status/${id}`,
		payload: Buffer.from("offline"),
		qos: 1,
		retain: false,
		properties: { willDelayInterval: delay },
	},
});

beforeEach(async () => {
	const modules = redisModules();
	redis = await startRedis();
	const store = { kind: "redis", url: redis.url, modules };
	doomed = await startBrokerProcess({ store });
	one = await startBroker({ sysInterval: 0, store });
	other = await startBroker({ sysInterval: 0, store });
}, 120_000);

afterEach(async () => {
	for (const client of clients.splice(0)) client.mqtt.end(true);
	await doomed.program.kill("SIGKILL");
	await Promise.all([one.broker.stop(), other.broker.stop()]);
	await redis.remove();
});

test("nothing acknowledged is lost, and its clients carry on at the other", async () => {
	const meter = await open(doomed.url, lasting("meter"));
	await meter.mqtt.subscribeAsync("count/#", { qos: 1 });
	await meter.drop();
	const publisher = await open(doomed.url);
	const acknowledged: string[] = [];
	// As many as are acknowledged until the process dies in the middle.
	const publishing = (async () => {
		for (let at = 0; ; at++) {
			await new Promise<void>((resolve, reject) => {
				publisher.mqtt.once("close", () => reject(new Error("closed")));
				publisher.mqtt.publish("count/a", `${at}`, { qos: 1 }, (error) => (error ? reject(error) : resolve()));
			});
			publisher.mqtt.removeAllListeners("close");
			acknowledged.push(`${at}`);
			if (at === 200) void doomed.program.kill("SIGKILL");
		}
	})();
	await expect(publishing).rejects.toThrow();
	const back = await open(other.url, lasting("meter"));
	await back.next(({ text }) => text === acknowledged.at(-1));
	const got = new Set(back.received.map(({ text }) => text));
	expect(acknowledged.filter((text) => !got.has(text))).toEqual([]);
	expect(acknowledged.length).toBeGreaterThan(200);
}, 60_000);

test("its clients' wills are sent once, but not of those who are back, and their sessions end in time, once", async () => {
	const ended: string[] = [];
	const bothEnded = new Promise<void>((resolve) => {
		for (const { broker } of [one, other]) {
			broker.events.on("sessionExpired", (id) => {
				if (ended.push(id) === 2) resolve();
			});
		}
	});
	const watcher = await open(one.url);
	await watcher.mqtt.subscribeAsync("status/+", { qos: 1 });
	await open(doomed.url, will("lamp"));
	await open(doomed.url, will("pump", 4));
	await open(doomed.url, will("back-at-once"));
	await open(doomed.url, will("back-within-its-delay", 4));
	// Its session ends before its delay does.
	await open(doomed.url, { ...will("brief", 600), ...lasting("brief", 1), clean: true });
	await open(doomed.url, { clientId: "clean", clean: true });
	const reader = await open(doomed.url, lasting("reader", 2));
	await reader.mqtt.subscribeAsync("news", { qos: 1 });
	const gone = once(doomed.program.process, "exit");
	void doomed.program.kill("SIGKILL");
	await gone;
	await open(other.url, lasting("back-at-once"));
	await watcher.next(({ topic }) => topic === "status/lamp");
	await open(one.url, lasting("back-within-its-delay"));
	await watcher.next(({ topic }) => topic === "status/pump");
	await bothEnded;
	expect(watcher.received.map(({ topic }) => topic).sort()).toEqual(["status/brief", "status/lamp", "status/pump"]);
	expect(ended.sort()).toEqual(["brief", "reader"]);
	const again = await connect(other.url, { protocolVersion: 5, ...lasting("reader") });
	clients.push(again);
	expect(again.mqtt.connected).toBe(true);
	const publisher = await open(one.url);
	await publisher.mqtt.publishAsync("news", "nobody waits for this", { qos: 1 });
	await again.mqtt.subscribeAsync("news", { qos: 1 });
	await publisher.mqtt.publishAsync("news", "new", { qos: 1 });
	expect((await again.next()).text).toBe("new");
}, 60_000);
