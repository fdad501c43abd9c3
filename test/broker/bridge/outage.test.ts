import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as path } from "node:path";
import { describe, expect, test } from "@jest/globals";
import type { BridgeRemote } from "../../../broker";
import { startBroker, type TestBroker } from "../../helpers/broker";
import { freePort } from "../../helpers/free-port";
import { endedAfterEach } from "../../helpers/kept";
import { connect, type TestClient } from "../../helpers/mqtt-client";
import { type Changes, isConnected, join, remote as remoteAt } from "./joined";
import { startProxy } from "./proxy";

const keep = endedAfterEach();

const broker = async (options: Record<string, unknown> = {}) =>
	keep(await startBroker({ limits: { queuedMessages: 50_000 }, ...options }));
const bridge = async (from: TestBroker, to: number | readonly number[], rules: readonly string[], changes?: Changes) =>
	keep(await join(from, to, rules, changes));

async function client({ url }: TestBroker, filter?: string): Promise<TestClient> {
	const connected = await connect(url, { protocolVersion: 4 });
	keep({ [Symbol.asyncDispose]: () => connected.close() });
	if (filter) await connected.mqtt.subscribeAsync(filter, { qos: 2 });
	return connected;
}

async function folder(): Promise<string> {
	const made = await mkdtemp(path(tmpdir(), "flowbroker-test-"));
	keep({ [Symbol.asyncDispose]: () => rm(made, { recursive: true, force: true }) });
	return made;
}

/** Bytes: the first connections end before they have begun, the others in the middle of something. */
const longerAndLonger = (connection: number) => connection * 401 - 370;

/** Publishes at once, without waiting for acknowledgements. */
function publish({ broker }: TestBroker, topic: string, count: number, qos: 0 | 1 | 2, from = 0): void {
	const local = broker.localClient("test");
	for (let at = from; at < from + count; at++) {
		local.publish({ topic, payload: Buffer.from(String(at)), qos, retain: false });
	}
}

/** What is published from now on, but not what a broker tells of itself. */
function published({ broker }: TestBroker): string[] {
	const arrived: string[] = [];
	broker.events.on("published", ({ topic, payload }) => {
		if (!topic.startsWith("$SYS")) arrived.push(`${topic} ${payload}`);
	});
	return arrived;
}

const numbers = ({ received }: TestClient) => received.map(({ text }) => Number(text));
const upTo = (count: number, from = 0) => Array.from({ length: count }, (_, at) => from + at);
const waits = (count: number) => (state: { waiting: number }) => state.waiting === count;

describe.each([
	["MQTT 5", 5],
	["MQTT 3.1.1", 4],
] as const)("over %s", (_name, protocolVersion) => {
	test("QoS 2 messages cross exactly once and in order, wherever the connection is cut", async () => {
		const [here, there] = [await broker(), await broker()];
		const proxy = keep(await startProxy(there.port));
		const far = await client(there, "#");
		proxy.limit = longerAndLonger;
		await bridge(here, proxy.port, ["# out 2"], { protocolVersion });
		publish(here, "x", 2_000, 2);
		await far.count(2_000);
		expect(numbers(far)).toEqual(upTo(2_000));
		expect(proxy.connections).toBeGreaterThan(10);
	});

	test("what comes from the other broker crosses exactly once and in order, wherever the connection is cut", async () => {
		const [here, there] = [await broker(), await broker()];
		const proxy = keep(await startProxy(there.port));
		const near = await client(here, "#");
		const joined = await bridge(here, proxy.port, ["# in 2"], { protocolVersion });
		await subscribed(there);
		proxy.limit = longerAndLonger;
		proxy.cut();
		publish(there, "in/x", 2_000, 2);
		await near.count(2_000);
		expect(numbers(near)).toEqual(upTo(2_000));
		expect(proxy.connections).toBeGreaterThan(10);
		expect(joined.bridge.state.dropped).toBe(0);
	});

	test("QoS 1 messages cross at least once and in order, wherever the connection is cut", async () => {
		const [here, there] = [await broker(), await broker()];
		const proxy = keep(await startProxy(there.port));
		const far = await client(there, "#");
		proxy.limit = longerAndLonger;
		await bridge(here, proxy.port, ["# out 1"], { protocolVersion });
		publish(here, "x", 2_000, 1);
		await far.next(({ text }) => text === "1999");
		const first = numbers(far).filter((number, at, all) => all.indexOf(number) === at);
		expect(first).toEqual(upTo(2_000));
		expect(proxy.connections).toBeGreaterThan(5);
	});
});

async function subscribed({ broker }: TestBroker): Promise<void> {
	const done = () =>
		broker.clients().some(({ id, subscriptions }) => id.startsWith("test.") && subscriptions.length > 0);
	if (done()) return;
	await new Promise<void>((resolve) => broker.events.on("subscribed", () => done() && resolve()));
}

test("what waits for the other broker is there after a restart of this one, half sent messages too", async () => {
	const options = { store: { kind: "disk", folder: await folder() } };
	const port = await freePort();
	const first = await broker(options);
	const id = { id: "kept", link: { clientId: "kept" } };
	const before = await bridge(first, port, ["# out 2"], id);
	publish(first, "x", 300, 2);
	publish(first, "x", 10, 0, 1_000);
	await before.until(waits(300));
	await before.bridge.stop();
	await first.broker.stop();

	const there = await broker({ listeners: [{ port }] });
	const far = await client(there, "#");
	const proxy = keep(await startProxy(port));
	proxy.limit = () => 4_000;
	const second = await broker(options);
	const half = await bridge(second, proxy.port, ["# out 2"], { ...id, start: "once" });
	await half.until(({ phase }) => phase === "ended");
	await half.bridge.stop();
	await second.broker.stop();
	expect(far.received.length).toBeLessThan(300);

	const third = await broker(options);
	await bridge(third, port, ["# out 2"], id);
	publish(third, "x", 1, 2, 300);
	await far.count(301);
	expect(numbers(far)).toEqual(upTo(301));
});

describe("while the other broker is away", () => {
	test("QoS 0 is given up, or waits where that is wanted", async () => {
		const here = await broker();
		const port = await freePort();
		const queue = { messages: 100, bytes: 1_000_000, drop: "newest", qos0: true } as const;
		const plain = await bridge(here, port, ["a out 2"]);
		const keeping = await bridge(here, port, ["b out 2"], { queue });
		for (const topic of ["a", "b"]) publish(here, topic, 10, 0);
		expect([plain, keeping].map(({ bridge: { state } }) => state.waiting)).toEqual([0, 10]);
		const there = await broker({ listeners: [{ port }] });
		const arrived = published(there);
		await plain.until(isConnected);
		await keeping.until((state) => isConnected(state) && state.waiting === 0);
		expect(arrived).toEqual(upTo(10).map((number) => `b ${number}`));
	});

	test.each([
		["newest", upTo(50)],
		["oldest", upTo(50, 50)],
	] as const)("the %s messages are given up when too many wait", async (drop, left) => {
		const here = await broker();
		const port = await freePort();
		const joined = await bridge(here, port, ["# out 1"], {
			queue: { messages: 50, bytes: 1_000_000, drop, qos0: false },
		});
		publish(here, "x", 100, 1);
		expect(joined.bridge.state).toMatchObject({ waiting: 50, dropped: 50 });
		const there = await broker({ listeners: [{ port }] });
		const arrived = published(there);
		await joined.until((state) => isConnected(state) && state.waiting === 0);
		expect(arrived).toEqual(left.map((number) => `x ${number}`));
	});

	test("for as long as it likes, what waits stays within its bounds, and leaves in order", async () => {
		const here = await broker();
		const port = await freePort();
		const queue = { messages: 2_000, bytes: 150_000, drop: "oldest", qos0: false } as const;
		// As many attempts as an hour has with pauses of fifteen seconds.
		const attempts = 240;
		const total = 20_000;
		let failures = 0;
		let anHourIsOver = () => {};
		const hour = new Promise<void>((resolve) => {
			anHourIsOver = resolve;
		});
		const way: BridgeRemote = {
			...remoteAt([port]),
			pause: () => {
				if (++failures === attempts) anHourIsOver();
				return failures < attempts ? 1 : 20;
			},
		};
		const joined = keep(await join(here, way, ["# out 1"], { queue }));
		const local = here.broker.localClient("test");
		let most = 0;
		for (let at = 0; at < total; at++) {
			local.publish({ topic: "x", payload: Buffer.alloc(100, String(at).padStart(6, "0")), qos: 1, retain: false });
			most = Math.max(most, joined.bridge.state.waiting);
		}
		expect(most).toBeLessThanOrEqual(150_000 / 100);
		expect(joined.bridge.state.dropped).toBe(total - joined.bridge.state.waiting);
		const waiting = joined.bridge.state.waiting;
		await hour;
		const late = await broker({ listeners: [{ port }] });
		const arrived = published(late);
		await joined.until((state) => isConnected(state) && state.waiting === 0);
		expect(failures).toBeGreaterThanOrEqual(attempts);
		expect(arrived.map((text) => Number(text.slice(2, 8)))).toEqual(upTo(waiting, total - waiting));
	}, 60_000);

	test("messages that expire do not arrive", async () => {
		const here = await broker();
		const port = await freePort();
		const joined = await bridge(here, port, ["# out 1"]);
		const local = here.broker.localClient("test");
		const message = { payload: Buffer.from("x"), qos: 1, retain: false } as const;
		local.publish({ ...message, topic: "short", properties: { messageExpiryInterval: 1 } });
		local.publish({ ...message, topic: "long", properties: { messageExpiryInterval: 100 } });
		await new Promise((resolve) => setTimeout(resolve, 1_100));
		const there = await broker({ listeners: [{ port }] });
		const arrived: unknown[] = [];
		there.broker.events.on("published", ({ topic, properties }) => {
			if (!topic.startsWith("$SYS")) arrived.push([topic, Number(properties?.messageExpiryInterval) < 100]);
		});
		await joined.until((state) => isConnected(state) && state.waiting === 0);
		expect(arrived).toEqual([["long", true]]);
	});
});
