import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as path } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { bridgeOptionsOf } from "../../../nodes/bridge/settings";
import { remoteOptionsOf } from "../../../nodes/broker/remote-settings";
import { join } from "../../broker/bridge/joined";
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

async function watcher(port: number): Promise<TestClient> {
	const client = await connect(`mqtt://127.0.0.1:${port}`, { protocolVersion: 5 });
	open.push(() => client.close());
	await client.mqtt.subscribeAsync("$SYS/broker/connection/#", { qos: 1, rap: true });
	return client;
}

const shown = ({ received }: TestClient) => received.map(({ topic, text, retain }) => [topic, text, retain]);

async function there() {
	const server = await startMosquitto(folder, ["allow_anonymous true"]);
	open.push(() => server.stop());
	return server;
}

/** What is told at both brokers: the bridge comes, is lost, and comes back. */
async function theirs() {
	const far = await there();
	const settings = ["allow_anonymous true", "connection stage", `address 127.0.0.1:${far.port}`, "topic x out 0"];
	const start = (port?: number) => startMosquitto(folder, [...settings, "restart_timeout 1"], port);
	const at = await watcher(far.port);
	const near = await start();
	open.push(() => near.stop());
	await at.count(1);
	const here = await watcher(near.port);
	await here.count(1);
	return { here: shown(here), there: shown(at) };
}

async function ours() {
	const far = await there();
	const at = await watcher(far.port);
	const remote = remoteOptionsOf(
		{ broker: "127.0.0.1", port: far.port },
		{ lookup: () => undefined, login: {}, tlsOf: () => ({ rejectUnauthorized: true }) },
	);
	const rules = [{ filter: "x", direction: "out" }];
	const { notifications, link } = bridgeOptionsOf({ name: "stage", rules }, "1", remote, () => undefined);
	const near = await startBroker();
	open.push(() => near.broker.stop());
	const joined = await join(near, far.port, ["x out 0"], { notifications, link });
	open.push(() => joined.bridge.stop());
	await at.count(1);
	const here = await watcher(near.port);
	await here.count(1);
	return { here: shown(here), there: shown(at), joined, at, near: here };
}

test("at both brokers the same is told, under the same topics, as with a bridge of Mosquitto's", async () => {
	const { joined, at, near, ...told } = await ours();
	expect(told).toEqual(await theirs());
	await joined.bridge.stop();
	await Promise.all([at.count(2), near.count(2)]);
	const topic = told.there[0]?.[0];
	expect([shown(at)[1], shown(near)[1]]).toEqual([
		[topic, "0", true],
		[topic, "0", true],
	]);
});
