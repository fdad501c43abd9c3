/**
 * S2: files of a store with bytes that were changed, cut out, doubled or added. A seed decides.
 *
 * FUZZ_SECONDS=60 runs it for so long in place of two seconds, from a random seed or from FUZZ_SEED, which a failure names.
 */

import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { DiskStore } from "../../../broker/store/disk";
import { SeededRandom } from "../wire/seeded-random";
import { testFolder } from "./folder";
import { entry, limits, message, subscription, Told } from "./samples";

const asked = process.env.FUZZ_SECONDS;
const seconds = Number(asked ?? 2);
const firstSeed = Number(process.env.FUZZ_SEED ?? (asked === undefined ? 1 : Date.now() % 1_000_000));

test(
	"S2 a store starts whatever has become of its files, and holds nothing that was never put into it",
	async () => {
		const whole = await writtenFiles();
		for (let seed = firstSeed, end = Date.now() + seconds * 1_000; Date.now() < end; seed++) {
			try {
				await open(whole, new SeededRandom(seed));
			} catch (cause) {
				throw new Error(`FUZZ_SEED=${seed}: ${cause}`, { cause });
			}
		}
	},
	(seconds + 20) * 1_000,
);

/** A snapshot and two journals, by name. */
async function writtenFiles(): Promise<Map<string, Buffer>> {
	await using folder = await testFolder();
	for (let run = 0; run < 3; run++) {
		const store = new DiskStore(limits(), new Told(), { folder: folder.path, durability: "interval" });
		await store.open();
		store.keepSession("c", "ann", 600);
		store.subscribe("c", [subscription("t/#", { qos: 2 })]);
		for (let number = 0; number < 10; number++) {
			store.retain(message(`t/${run}/${number}`, `value of t/${run}/${number}`));
			const key = `${run}:${number}`;
			store.enqueue("c", { ...entry(key), message: message("t", `value of ${key}`, { qos: 2 }) });
			store.receive("c", 100 + number, 1_000);
			if (number % 3 === 0) await store.flushed();
		}
		store.sent("c", `${run}:1`, 7);
		store.acknowledged("c", 7);
		if (run === 0) await store.sumUp();
		await store.close();
	}
	const names = (await readdir(folder.path)).filter((name) => /^\d/.test(name));
	expect(names.length).toBeGreaterThan(2);
	return new Map(
		await Promise.all(names.map(async (name) => [name, await readFile(join(folder.path, name))] as const)),
	);
}

async function open(whole: ReadonlyMap<string, Buffer>, random: SeededRandom): Promise<void> {
	await using folder = await testFolder();
	for (const [name, bytes] of whole) {
		await writeFile(join(folder.path, name), random.below(3) === 0 ? bytes : broken(bytes, random));
	}
	const store = new DiskStore(limits(), new Told(), { folder: folder.path, durability: "interval" });
	await store.open();
	for (const { topic, payload } of store.retained(["#"])) expect(`${payload}`).toBe(`value of ${topic}`);
	const queue = store.queue("c");
	for (const { key, message } of queue) expect(`${message.payload}`).toBe(`value of ${key}`);
	expect(new Set(queue.map(({ key }) => key)).size).toBe(queue.length);
	// And it works.
	store.retain(message("new", "value of new"));
	await store.flushed();
	await store.close();
}

function broken(bytes: Buffer, random: SeededRandom): Buffer {
	let made: Buffer = Buffer.from(bytes);
	for (let count = 1 + random.below(3); count > 0; count--) {
		const at = random.below(made.length + 1);
		const length = random.below(random.below(4) === 0 ? 600 : 8);
		switch (random.below(5)) {
			case 0:
				if (at < made.length) made[at] = (made[at] as number) ^ (1 << random.below(8));
				break;
			case 1:
				made = Buffer.concat([made.subarray(0, at), made.subarray(at + length)]);
				break;
			case 2:
				made = Buffer.concat([made.subarray(0, at), Buffer.alloc(length), made.subarray(at)]);
				break;
			case 3:
				made = Buffer.concat([made.subarray(0, at), made.subarray(random.below(made.length + 1))]);
				break;
			default:
				made = made.subarray(0, at);
		}
	}
	return made;
}
