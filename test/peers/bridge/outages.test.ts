import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as path } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createCertificates } from "../../../broker/certs/create";
import { bridgeRemote } from "../../../nodes/bridge/bridge-remote";
import { remoteOptionsOf } from "../../../nodes/broker/remote-settings";
import { isConnected, join } from "../../broker/bridge/joined";
import { startBroker } from "../../helpers/broker";
import { connect, type TestClient } from "../../helpers/mqtt-client";
import { startMosquitto } from "../mosquitto/server";

let folder = "";
const open: (() => Promise<unknown>)[] = [];
beforeEach(() => {
	folder = mkdtempSync(path(tmpdir(), "flowbroker-test-"));
});
afterEach(async () => {
	for (const close of open.splice(0).reverse()) await close();
	rmSync(folder, { recursive: true });
});

async function mosquitto(settings: readonly string[], again?: number) {
	const server = await startMosquitto(folder, settings, again);
	let stopped = false;
	const stop = async () => {
		if (!stopped) await server.stop();
		stopped = true;
	};
	open.push(stop);
	return { port: server.port, stop };
}

async function client(port: number, filter: string): Promise<TestClient> {
	const connected = await connect(`mqtt://127.0.0.1:${port}`, { protocolVersion: 5 });
	open.push(() => connected.close());
	await connected.mqtt.subscribeAsync(filter, { qos: 2 });
	return connected;
}

const texts = ({ received }: TestClient) => received.map(({ text }) => text);
const upTo = (count: number) => Array.from({ length: count }, (_, at) => String(at));

async function say({ mqtt }: TestClient, topic: string, from: number, to: number): Promise<void> {
	for (let at = from; at < to; at++) await mqtt.publishAsync(topic, String(at), { qos: 2 });
}

describe.each([
	["MQTT 5", 5],
	["MQTT 3.1.1", 4],
] as const)("a bridge to Mosquitto over %s", (_name, protocolVersion) => {
	test("loses nothing, in both directions, when Mosquitto is restarted", async () => {
		const settings = ["allow_anonymous true", "persistence true", `persistence_location ${folder}/`];
		const there = await mosquitto(settings);
		const here = await startBroker();
		open.push(() => here.broker.stop());
		const joined = await join(here, there.port, ["out/# out 2", "in/# in 2"], { protocolVersion });
		open.push(() => joined.bridge.stop());
		const near = await client(here.port, "in/#");
		const far = await client(there.port, "out/#");
		await say(near, "out/x", 0, 50);
		await far.count(50);
		await far.close();
		await there.stop();
		await say(near, "out/x", 50, 100);
		expect(joined.bridge.state.waiting).toBe(50);
		await mosquitto(settings, there.port);
		const again = await client(there.port, "out/#");
		await joined.until((state) => isConnected(state) && state.waiting === 0);
		await say(near, "out/x", 100, 101);
		await again.next(({ text }) => text === "100");
		// What came before the test's client was there is in Mosquitto's hands.
		expect(new Set(texts(again)).size).toBe(again.received.length);
		await say(again, "in/x", 0, 50);
		await near.count(50);
		expect(texts(near)).toEqual(upTo(50));
	});

	test("loses nothing, in both directions, when this broker is restarted", async () => {
		const there = await mosquitto(["allow_anonymous true", "max_queued_messages 10000"]);
		const options = { store: { kind: "disk", folder: path(folder, "store") } };
		const id = { id: "kept", protocolVersion, link: { clientId: "kept" } };
		const rules = ["out/# out 2", "in/# in 2"];
		const first = await startBroker(options);
		const before = await join(first, there.port, rules, id);
		await before.until(isConnected);
		const far = await client(there.port, "out/#");
		const near = await client(first.port, "in/#");
		await say(far, "in/x", 0, 20);
		await near.next(({ text }) => text === "19");
		await near.close();
		await before.bridge.stop();
		await first.broker.stop();

		await say(far, "in/x", 20, 200);
		const second = await startBroker(options);
		open.push(() => second.broker.stop());
		const back = await client(second.port, "in/#");
		const after = await join(second, there.port, rules, id);
		open.push(() => after.bridge.stop());
		await back.count(180);
		expect(texts(back)).toEqual(upTo(200).slice(20));
		await say(back, "out/x", 0, 20);
		await far.count(20);
		expect(texts(far)).toEqual(upTo(20));
	});
});

test("a bridge to Mosquitto over TLS shows its certificate, and tells when it is asked for one and has none", async () => {
	const made = await createCertificates({ hosts: ["127.0.0.1"], out: path(folder, "certs"), clients: ["house"] });
	const there = await mosquitto([
		"allow_anonymous false",
		`cafile ${made.ca}`,
		`certfile ${made.cert}`,
		`keyfile ${made.key}`,
		"require_certificate true",
		"use_identity_as_username true",
	]);
	const [house] = made.clients;
	const read = (file: string | undefined) => readFileSync(file ?? "");
	const remote = (tls: object) =>
		bridgeRemote(
			remoteOptionsOf(
				{ broker: "127.0.0.1", port: there.port, usetls: true, tls: "t", reconnectMin: 0.05, reconnectMax: 0.1 },
				{
					lookup: () => undefined,
					login: {},
					tlsOf: () => ({ rejectUnauthorized: true, ca: read(made.ca), ...tls }),
				},
			),
		);
	const here = await startBroker();
	open.push(() => here.broker.stop());
	const without = await join(here, remote({}), ["# out 1"]);
	const { error } = await without.until(({ phase }) => phase === "away");
	expect(error?.message).toMatch(/certificate/);
	await without.bridge.stop();

	const tls = { cert: read(house?.cert), key: read(house?.key) };
	const joined = await join(here, remote(tls), ["# out 1"]);
	open.push(() => joined.bridge.stop());
	// Mosquitto has no other door: a second broker with a bridge looks into it.
	const other = await startBroker();
	open.push(() => other.broker.stop());
	const witness = await join(other, remote(tls), ["# in 1"]);
	open.push(() => witness.bridge.stop());
	const [near, far] = [await client(here.port, "nothing"), await client(other.port, "x")];
	await Promise.all([joined.until(isConnected), witness.until(isConnected)]);
	await near.mqtt.publishAsync("x", "over TLS", { qos: 1, retain: true });
	expect((await far.next()).text).toBe("over TLS");
});
