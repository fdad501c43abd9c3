import { afterEach, describe, expect, test } from "@jest/globals";
import type { IClientOptions } from "mqtt";
import { startBroker, type TestBroker } from "../../helpers/broker";
import { connect, type TestClient } from "../../helpers/mqtt-client";
import { type Changes, isConnected, join } from "./joined";

const open: AsyncDisposable[] = [];
const clients: TestClient[] = [];

afterEach(async () => {
	await Promise.all(clients.splice(0).map((client) => client.close()));
	for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

async function broker(options: Record<string, unknown> = {}): Promise<TestBroker> {
	const started = await startBroker(options);
	open.push(started);
	return started;
}

async function bridge(from: TestBroker, to: number | readonly number[], rules: readonly string[], changes?: Changes) {
	const joined = await join(from, to, rules, changes);
	open.push(joined);
	await joined.until(isConnected);
	return joined;
}

async function client({ url }: TestBroker, options: IClientOptions = {}): Promise<TestClient> {
	const connected = await connect(url, { protocolVersion: 5, ...options });
	clients.push(connected);
	return connected;
}

async function listener(at: TestBroker, filter = "#", options: IClientOptions = {}): Promise<TestClient> {
	const connected = await client(at, options);
	await connected.mqtt.subscribeAsync(filter, { qos: 2, rap: true });
	return connected;
}

/** The bridge has asked for what it wants. */
async function subscribed(at: TestBroker, filters: number): Promise<void> {
	const count = () =>
		at.broker
			.clients()
			.reduce((sum, { id, subscriptions }) => sum + (id.startsWith("test.") ? subscriptions.length : 0), 0);
	if (count() >= filters) return;
	await new Promise<void>((resolve) => at.broker.events.on("subscribed", () => count() >= filters && resolve()));
}

const shown = ({ received }: TestClient) => received.map(({ topic, text, qos, retain }) => [topic, text, qos, retain]);

describe.each([
	["MQTT 5", 5],
	["MQTT 3.1.1", 4],
	["MQTT 3.1", 3],
] as const)("a bridge over %s", (_name, protocolVersion) => {
	test("takes messages out and brings them in, under other names, with their QoS and retain flag", async () => {
		const [here, there] = [await broker(), await broker()];
		await bridge(here, there.port, ["# both 2 site/ far/"], { protocolVersion });
		await subscribed(there, 1);
		const [near, far] = [await listener(here, "site/#"), await listener(there, "far/#")];
		for (const qos of [0, 1, 2] as const) {
			await near.mqtt.publishAsync(`site/out/${qos}`, "a", { qos, retain: qos === 1 });
			await far.mqtt.publishAsync(`far/in/${qos}`, "b", { qos, retain: qos === 1 });
		}
		await Promise.all([near.count(6), far.count(6)]);
		const bySide = (side: string) => [
			[`${side}in/0`, "b", 0, false],
			[`${side}in/1`, "b", 1, true],
			[`${side}in/2`, "b", 2, false],
			[`${side}out/0`, "a", 0, false],
			[`${side}out/1`, "a", 1, true],
			[`${side}out/2`, "a", 2, false],
		];
		expect(shown(near).sort()).toEqual(bySide("site/"));
		expect(shown(far).sort()).toEqual(bySide("far/"));
	});
});

test("ten thousand messages in a ring of three arrive everywhere once", async () => {
	// Those who listen here are slower than the brokers.
	const patient = { limits: { queuedMessages: 20_000 } };
	const ring = [await broker(patient), await broker(patient), await broker(patient)];
	for (const [at, one] of ring.entries()) await bridge(one, (ring[(at + 1) % 3] as TestBroker).port, ["# both 2"]);
	for (const one of ring) await subscribed(one, 1);
	const listeners = await Promise.all(ring.map((one) => listener(one, "ring/#")));
	const total = 10_000;
	// MQTT.js does not keep to the receive maximum by itself.
	for (let from = 0; from < total; from += 300) {
		const texts = Array.from({ length: Math.min(300, total - from) }, (_, at) => from + at);
		const publish = (at: number) =>
			(listeners[at % 3] as TestClient).mqtt.publishAsync(`ring/${at % 7}`, String(at), { qos: 2 });
		await Promise.all(texts.map(publish));
	}
	const everything = await Promise.all(listeners.map((one) => one.count(total)));
	for (const received of everything) {
		expect(new Set(received.map(({ text }) => text)).size).toBe(total);
	}
	// What was to come twice would have come before this.
	await (listeners[0] as TestClient).mqtt.publishAsync("ring/end", "end", { qos: 2 });
	for (const one of listeners) {
		await one.next(({ text }) => text === "end");
		expect(one.received).toHaveLength(total + 1);
	}
}, 60_000);
