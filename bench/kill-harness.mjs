/**
 * Kills a broker again and again at random moments (SIGKILL) while publishers and subscribers run, then compares what
 * was acknowledged with what was delivered.
 *
 *     node bench/kill-harness.mjs [--rounds 100] [--durability interval|each] [--broker flowbroker|mosquitto] [--json]
 *
 * Needs `npm run build`. The exit code is 1 when something acknowledged is lost, or a QoS 2 message came twice.
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import mqtt from "mqtt";

const { values: options } = parseArgs({
	options: {
		rounds: { type: "string", default: "100" },
		durability: { type: "string", default: "interval" },
		broker: { type: "string", default: "flowbroker" },
		json: { type: "boolean", default: false },
	},
});
const ROUNDS = Number(options.rounds);
/** Messages that one publisher has sent and that are not acknowledged. */
const WINDOW = 20;
const RETAINED_TOPICS = 20;
/** Milliseconds without a delivery after which nothing more is awaited. */
const QUIET = 4_000;

const folder = await mkdtemp(join(tmpdir(), "flowbroker-kill-"));
const port = await freePort();
let child;
let publishing = true;
const acknowledged = { 1: new Set(), 2: new Set() };
const delivered = { 1: new Map(), 2: new Map() };
const retainedAcknowledged = new Map();
let lastDelivery = Date.now();

try {
	await startBroker();
	const subscribers = [await subscriber(1), await subscriber(2)];
	const publishers = [publisher(1), publisher(2), retainer()];
	for (let round = 0; round < ROUNDS; round++) {
		await pause(50 + Math.random() * 300);
		await killBroker();
		// A subscriber is there in one round and away in the next.
		for (const one of subscribers) Math.random() < 0.5 ? one.away() : one.here();
		await startBroker();
	}
	for (const one of subscribers) one.away();
	await pause(500);
	publishing = false;
	for (const one of publishers) await one.settled();
	await killBroker();
	await startBroker();
	for (const one of subscribers) one.here();
	lastDelivery = Date.now();
	while (Date.now() - lastDelivery < QUIET && !isComplete()) await pause(50);
	// What comes twice comes now.
	await pause(500);
	await report(await retainedNow());
} finally {
	child?.kill("SIGKILL");
	await rm(folder, { recursive: true, force: true });
}
process.exit();

function publisher(qos) {
	const client = connect(`publisher-${qos}`);
	const waiting = new Set();
	let sequence = 0;
	const pump = setInterval(() => {
		while (publishing && client.connected && waiting.size < WINDOW) {
			const number = ++sequence;
			waiting.add(number);
			client.publish(`q${qos}/${number}`, String(number), { qos }, (error) => {
				waiting.delete(number);
				if (!error) acknowledged[qos].add(number);
			});
		}
	}, 2);
	return { settled: () => settled(waiting, pump, client) };
}

function retainer() {
	const client = connect("retainer");
	const waiting = new Set();
	let sequence = 0;
	const pump = setInterval(() => {
		while (publishing && client.connected && waiting.size < WINDOW) {
			const number = ++sequence;
			const topic = `r/${number % RETAINED_TOPICS}`;
			waiting.add(number);
			client.publish(topic, String(number), { qos: 1, retain: true }, (error) => {
				waiting.delete(number);
				if (!error) retainedAcknowledged.set(topic, Math.max(number, retainedAcknowledged.get(topic) ?? 0));
			});
		}
	}, 2);
	return { settled: () => settled(waiting, pump, client) };
}

async function settled(waiting, pump, client) {
	for (let tries = 0; waiting.size > 0 && tries < 200; tries++) await pause(50);
	clearInterval(pump);
	client.end(true);
}

async function subscriber(qos) {
	const stores = { incomingStore: new mqtt.Store({ clean: false }), outgoingStore: new mqtt.Store({ clean: false }) };
	const client = connect(`subscriber-${qos}`, stores);
	client.on("message", (_topic, payload) => {
		const number = Number(payload);
		delivered[qos].set(number, (delivered[qos].get(number) ?? 0) + 1);
		lastDelivery = Date.now();
	});
	await once(client, "connect");
	await client.subscribeAsync(`q${qos}/#`, { qos });
	let isHere = true;
	return {
		away: () => {
			if (isHere) client.end(true);
			isHere = false;
		},
		here: () => {
			if (!isHere) client.reconnect(stores);
			isHere = true;
		},
	};
}

function connect(clientId, more = {}) {
	const client = mqtt.connect({
		host: "127.0.0.1",
		port,
		clientId,
		clean: false,
		reconnectPeriod: 20,
		connectTimeout: 2_000,
		...more,
	});
	client.on("error", () => {});
	return client;
}

function isComplete() {
	return [1, 2].every((qos) => [...acknowledged[qos]].every((number) => delivered[qos].has(number)));
}

async function retainedNow() {
	const found = new Map();
	const client = mqtt.connect({ host: "127.0.0.1", port, clientId: "reader" });
	client.on("message", (topic, payload) => found.set(topic, Number(payload)));
	await once(client, "connect");
	await client.subscribeAsync("r/#", { qos: 1 });
	for (let tries = 0; found.size < retainedAcknowledged.size && tries < 100; tries++) await pause(50);
	client.end(true);
	return found;
}

async function report(retained) {
	const result = { broker: options.broker, durability: options.durability, rounds: ROUNDS };
	for (const qos of [1, 2]) {
		result[`qos${qos}`] = {
			acknowledged: acknowledged[qos].size,
			lost: [...acknowledged[qos]].filter((number) => !delivered[qos].has(number)).length,
			twice: [...delivered[qos].values()].filter((times) => times > 1).length,
		};
	}
	const stale = [...retainedAcknowledged].filter(([topic, number]) => !((retained.get(topic) ?? 0) >= number));
	result.retained = { topics: retainedAcknowledged.size, lostOrOld: stale.length };
	const isGood = result.qos1.lost + result.qos2.lost + result.qos2.twice + stale.length === 0;
	if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
	else console.log(result, isGood ? "nothing acknowledged was lost" : "LOST");
	process.exitCode = isGood ? 0 : 1;
}

async function startBroker() {
	if (options.broker === "mosquitto") {
		const file = join(folder, "mosquitto.conf");
		// The queue without bound, as that of the other; everything else as it comes.
		await writeFile(
			file,
			`listener ${port} 127.0.0.1\nallow_anonymous true\npersistence true\npersistence_location ${folder}/\nmax_queued_messages 0\nuser root\n`,
		);
		child = spawn("/usr/sbin/mosquitto", ["-c", file], { stdio: "ignore" });
		return;
	}
	const program = fileURLToPath(new URL("./lib/kill-broker.mjs", import.meta.url));
	const store = join(folder, "store");
	child = spawn(process.execPath, [program, String(port), store, options.durability], {
		stdio: ["ignore", "pipe", "inherit"],
	});
	await once(child.stdout, "data");
}

async function killBroker() {
	const ended = once(child, "exit");
	child.kill("SIGKILL");
	await ended;
}

function freePort() {
	return new Promise((resolve) => {
		const server = createServer().listen(0, "127.0.0.1", () => {
			const found = server.address().port;
			server.close(() => resolve(found));
		});
	});
}
