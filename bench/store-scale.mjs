/**
 * Start of a broker on a large store: 100,000 retained topics and 50,000 queued messages of 64 bytes in 50 sessions.
 *
 *     npm run build && node bench/store-scale.mjs
 */

import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { DiskStore } = require("../dist/broker/store/disk.js");
const { createBroker, parseBrokerOptions } = require("../dist/broker/index.js");
const { defaultLimits } = require("../dist/broker/limits.js");

const RETAINED = 100_000;
const QUEUED = 50_000;
const SESSIONS = 50;
const limits = { retainedMessages: 1_000_000, retainedBytes: 1_000_000_000, queuedMessages: 100_000 };
const [, , folder] = process.argv;

if (folder) await startBroker(folder);
else await fillAndMeasure();

async function startBroker(path) {
	const before = process.memoryUsage().rss;
	const cpu = process.cpuUsage();
	const start = performance.now();
	const broker = createBroker(
		parseBrokerOptions({ listeners: [{ port: 0 }], limits, store: { kind: "disk", folder: path }, sysInterval: 0 }),
	);
	await broker.start();
	const milliseconds = performance.now() - start;
	const { user, system } = process.cpuUsage(cpu);
	const { rss, heapUsed, external } = process.memoryUsage();
	process.send({
		milliseconds: Math.round(milliseconds),
		cpuMilliseconds: Math.round((user + system) / 1_000),
		retained: broker.metrics().retained.count,
		rssBeforeMB: mega(before),
		rssMB: mega(rss),
		heapMB: mega(heapUsed),
		externalMB: mega(external),
	});
	await broker.stop();
}

async function fillAndMeasure() {
	const path = await mkdtemp(join(tmpdir(), "flowbroker-scale-"));
	const events = { queueFull() {}, retainedFull() {}, problem: (problem) => console.error(problem) };
	const store = new DiskStore({ ...defaultLimits, ...limits }, events, { folder: path, durability: "interval" });
	await store.open();
	const payload = Buffer.alloc(64, "x");
	for (let number = 0; number < RETAINED; number++) {
		store.retain({ topic: `home/room${number % 1_000}/device${number}/state`, payload, qos: 1, retain: true });
		if (number % 1_000 === 0) await store.flushed();
	}
	for (let session = 0; session < SESSIONS; session++) store.keepSession(`client-${session}`, null, 1_209_600);
	for (let number = 0; number < QUEUED; number++) {
		const message = { topic: `news/${number % 100}`, payload, qos: 1, retain: false };
		store.enqueue(`client-${number % SESSIONS}`, { key: `k:${number}`, message, packetId: undefined, released: false });
		if (number % 1_000 === 0) await store.flushed();
	}
	await store.close();
	for (const name of await readdir(path)) console.log(name, mega((await stat(join(path, name))).size), "MB");
	for (let round = 0; round < 3; round++) {
		const child = fork(fileURLToPath(import.meta.url), [path]);
		const [result] = await once(child, "message");
		await once(child, "exit");
		console.log(result);
	}
	await rm(path, { recursive: true });
}

function mega(bytes) {
	return Math.round(bytes / 1e5) / 10;
}
