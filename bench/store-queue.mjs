/**
 * What a queue costs the store alone, message by message: it is filled while its client is away, and then emptied as an
 * engine does it, with twenty messages in flight.
 *
 *     npm run build && node --expose-gc bench/store-queue.mjs [--messages 50000] [--bytes 64]
 */

import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";

const require = createRequire(import.meta.url);
const { DiskStore } = require("../dist/broker/store/disk.js");
const { MemoryStore } = require("../dist/broker/store/memory.js");
const { defaultLimits } = require("../dist/broker/limits.js");
const { values: options } = parseArgs({
	options: { messages: { type: "string", default: "50000" }, bytes: { type: "string", default: "64" } },
});

const MESSAGES = Number(options.messages);
const IN_FLIGHT = 20;
/** Messages that come, or acknowledgements, in one turn of the event loop. */
const A_TURN = 20;
const limits = { ...defaultLimits, queuedMessages: 10_000_000, queuedBytes: 4e9, allQueuedBytes: 6e10 };
const events = { queueFull() {}, retainedFull() {}, problem: (problem) => console.error(problem) };

const stores = {
	memory: () => new MemoryStore(limits, events),
	"disk, interval": (folder) => new DiskStore(limits, events, { folder, durability: "interval" }),
	"disk, each": (folder) => new DiskStore(limits, events, { folder, durability: "each" }),
};

for (let round = 0; round < 2; round++) {
	for (const [name, make] of Object.entries(stores)) {
		const folder = await mkdtemp(join(tmpdir(), "flowbroker-queue-"));
		const store = make(join(folder, "store"));
		await store.open();
		store.keepSession("c", null, 60);
		const before = heap();
		await measure(`${name}: enqueue`, () => fill(store));
		const bytes = (heap() - before) / MESSAGES;
		await measure(`${name}: next, sent, acknowledged`, () => empty(store));
		console.log(`${name}: ${Math.round(bytes)} bytes of memory a message`);
		await store.close();
		await rm(folder, { recursive: true });
	}
}

async function fill(store) {
	for (let number = 0; number < MESSAGES; number++) {
		const payload = Buffer.allocUnsafeSlow(Number(options.bytes)).fill("x");
		const message = { topic: `home/room/${number}/temperature`, payload, qos: 1, retain: false };
		const key = `0c5a1e0e-0d0e-4d53-9d3c-54ac8d7a1c11:${number}`;
		store.enqueue("c", { key, message, packetId: undefined, released: false });
		if (number % A_TURN === 0) await store.flushed();
	}
	await store.flushed();
}

async function empty(store) {
	let packetId = 0;
	const flying = [];
	for (let done = 0; done < MESSAGES; done++) {
		while (flying.length < IN_FLIGHT) {
			const entry = store.nextUnsent("c");
			if (!entry) break;
			packetId = (packetId % 65_535) + 1;
			store.sent("c", entry.key, packetId);
			flying.push(packetId);
		}
		store.acknowledged("c", flying.shift());
		if (done % A_TURN === 0) await store.flushed();
	}
	await store.flushed();
}

async function measure(name, work) {
	const cpu = process.cpuUsage();
	const start = performance.now();
	await work();
	const milliseconds = performance.now() - start;
	const { user, system } = process.cpuUsage(cpu);
	const each = ((user + system) / MESSAGES).toFixed(2);
	console.log(name.padEnd(48), `${each} us CPU`.padStart(14), `${((milliseconds * 1_000) / MESSAGES).toFixed(2)} us`);
}

function heap() {
	globalThis.gc?.();
	const { heapUsed, arrayBuffers } = process.memoryUsage();
	return heapUsed + arrayBuffers;
}
