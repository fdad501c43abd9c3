import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { isConnected, join, type TestBridge } from "../../broker/bridge/joined";
import { startBroker, type TestBroker } from "../../helpers/broker";
import { connect, type TestClient } from "../../helpers/mqtt-client";
import { type RedisServer, redisModules, startRedis } from "../../helpers/redis";

let redis: RedisServer;
let brokers: TestBroker[] = [];
let far: TestBroker;
let bridge: TestBridge;
const clients: TestClient[] = [];

beforeAll(async () => {
	const modules = redisModules();
	redis = await startRedis();
	const one = () => startBroker({ sysInterval: 0, store: { kind: "redis", url: redis.url, modules } });
	brokers = [await one(), await one()];
	far = await startBroker();
	bridge = await join(brokers[0] as TestBroker, far.port, ["# both 2"]);
	await bridge.until(isConnected);
	await subscribed(far);
}, 60_000);

afterAll(async () => {
	for (const client of clients) await client.close();
	await bridge?.bridge.stop();
	for (const { broker } of [...brokers, far]) await broker.stop();
	await redis?.remove();
});

async function subscribed({ broker }: TestBroker): Promise<void> {
	const done = () => broker.clients().some(({ subscriptions }) => subscriptions.length > 0);
	if (!done()) await new Promise<void>((resolve) => broker.events.on("subscribed", () => done() && resolve()));
}

async function client({ url }: TestBroker): Promise<TestClient> {
	const connected = await connect(url, { protocolVersion: 5 });
	clients.push(connected);
	await connected.mqtt.subscribeAsync("#", { qos: 2, nl: true });
	return connected;
}

test("a bridge of one of two brokers on one Redis carries what both publish, and brings to both, once", async () => {
	const near = await Promise.all(brokers.map(client));
	const there = await client(far);
	const [first, second] = near as [TestClient, TestClient];
	for (let at = 0; at < 50; at++) {
		await first.mqtt.publishAsync("from/first", String(at), { qos: 2 });
		await second.mqtt.publishAsync("from/second", String(at), { qos: 2 });
		await there.mqtt.publishAsync("from/there", String(at), { qos: 2 });
	}
	await Promise.all([there.count(100), first.count(100), second.count(100)]);
	const texts = ({ received }: TestClient, topic: string) =>
		received.filter((message) => message.topic === topic).map(({ text }) => Number(text));
	const all = Array.from({ length: 50 }, (_, at) => at);
	expect([texts(there, "from/first"), texts(there, "from/second")]).toEqual([all, all]);
	expect([texts(first, "from/there"), texts(second, "from/there")]).toEqual([all, all]);
	expect(there.received).toHaveLength(100);
});
