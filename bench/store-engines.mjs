/**
 * What keeping a change costs: our journal beside classic-level, with groups as a broker has them. Nothing is kept in
 * memory by either.
 *
 *     npm i --prefix /tmp/level classic-level && npm run build && node bench/store-engines.mjs /tmp/level
 */

import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { pathToFileURL } from "node:url";

const require = createRequire(import.meta.url);
const { Journal } = require("../dist/broker/store/disk/journal.js");
const { nodeFileSystem } = require("../dist/broker/store/disk/file-system.js");
const { addRecord } = require("../dist/broker/store/disk/record-line.js");
const { FrameBuffer } = require("../dist/broker/store/disk/frame.js");
const levelFolder = process.argv[2];

const MESSAGES = 50_000;
const GROUP = 25;
const payload = Buffer.alloc(64, "x");

/** A QoS 1 message to a session: it is queued, sent and acknowledged. */
function recordsOf(number) {
	const [clientId, key] = ["client-1", `0c5a1e0e-0d0e-4d53-9d3c-54ac8d7a1c11:${number}`];
	const message = { topic: `home/room/${number % 100}/temperature`, payload, qos: 1, retain: false };
	return [
		{ kind: "queued", clientId, entry: { key, message, packetId: undefined, released: false } },
		{ kind: "sent", clientId, key, packetId: 1 + (number % 65_535) },
		{ kind: "unqueued", clientId, key },
	];
}

async function journal(folder, durability) {
	const log = new Journal(nodeFileSystem, folder, 1, durability, {
		failing: (error) => {
			throw error;
		},
		working: () => {},
		unsynced: () => {},
		written: () => {},
		isShared: () => false,
	});
	for (let number = 0; number < MESSAGES; ) {
		for (const end = number + GROUP; number < end; number++) {
			for (const record of recordsOf(number)) log.append(record);
		}
		await log.flushed();
	}
	await log.close();
}

function encoded(record) {
	const frames = new FrameBuffer();
	addRecord(frames, record);
	return Buffer.from(frames.bytes);
}

async function level(folder, durability, { ClassicLevel }) {
	const db = new ClassicLevel(folder, { keyEncoding: "utf8", valueEncoding: "buffer" });
	await db.open();
	for (let number = 0; number < MESSAGES; ) {
		const batch = [];
		for (const end = number + GROUP; number < end; number++) {
			for (const record of recordsOf(number)) {
				const key = `q:${record.clientId}:${record.key ?? record.entry.key}`;
				if (record.kind === "unqueued") batch.push({ type: "del", key });
				else
					batch.push({
						type: "put",
						key: record.kind === "sent" ? `${key}:id` : key,
						value: encoded(record),
					});
			}
		}
		await db.batch(batch, { sync: durability === "each" });
	}
	await db.close();
}

async function bytesIn(folder) {
	let sum = 0;
	for (const name of await readdir(folder)) sum += (await stat(join(folder, name))).size;
	return sum;
}

async function measure(name, work) {
	const folder = await mkdtemp(join(tmpdir(), "flowbroker-bench-"));
	const cpu = process.cpuUsage();
	const start = performance.now();
	await work(folder);
	const seconds = (performance.now() - start) / 1_000;
	const { user, system } = process.cpuUsage(cpu);
	console.log(
		name.padEnd(28),
		`${Math.round(MESSAGES / seconds).toLocaleString("en")} messages/s`.padStart(22),
		`${((user + system) / MESSAGES).toFixed(1)} us CPU/message`.padStart(22),
		`${Math.round((await bytesIn(folder)) / MESSAGES)} bytes/message on disk at the end`,
	);
	await rm(folder, { recursive: true });
}

const { ClassicLevel } = levelFolder
	? await import(pathToFileURL(join(levelFolder, "node_modules/classic-level/index.js")).href).then(
			(it) => it.default ?? it,
		)
	: {};
for (let round = 0; round < 2; round++) {
	for (const durability of ["interval", "each"]) {
		await measure(`journal, ${durability}`, (folder) => journal(folder, durability));
		if (ClassicLevel)
			await measure(`classic-level, ${durability}`, (folder) => level(folder, durability, { ClassicLevel }));
	}
}
