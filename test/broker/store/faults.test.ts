import { cp } from "node:fs/promises";
import { describe, expect, test } from "@jest/globals";
import { DiskStore } from "../../../broker/store/disk";
import type { Durability } from "../../../broker/store/disk/durability";
import { type Call, type Fate, FaultyFileSystem, systemError } from "./faulty-file-system";
import { testFolder } from "./folder";
import { entry, limits, message, Told, texts } from "./samples";

/** What was promised: a retained value of that number or a later one, and these messages in the queue. */
interface Promised {
	retained: number;
	queued: number;
}

/**
 * Changes a store, group by group, while the disk has faults. What another process would find at that moment, were this
 * one killed, is opened again.
 * @returns the number of calls
 */
async function run(durability: Durability, fate: (call: Call) => Fate): Promise<number> {
	await using folder = await testFolder();
	const fs = new FaultyFileSystem();
	fs.fate = fate;
	const store = new DiskStore(limits(), new Told(), { folder: folder.path, durability, fileSystem: fs });
	await store.open();
	const promised: Promised = { retained: 0, queued: 0 };
	store.keepSession("c", null, 600);
	for (let round = 1; round <= 6; round++) {
		store.retain(message("r", String(round)));
		store.enqueue("c", entry(`k:${round}`));
		await store.flushed();
		promised.retained = round;
		promised.queued = round;
	}
	await using copy = await testFolder();
	await fs.frozen(() => cp(folder.path, copy.path, { recursive: true, filter: (name) => !name.endsWith("/lock") }));
	const calls = fs.calls.length;
	fs.fate = () => undefined;
	await store.close();
	const again = new DiskStore(limits(), new Told(), { folder: copy.path, durability });
	await again.open();
	const [found] = again.retained(["r"]);
	expect(Number(found?.payload)).toBeGreaterThanOrEqual(promised.retained);
	expect(texts(again.queue("c")).slice(0, promised.queued)).toEqual(
		Array.from({ length: promised.queued }, (_, index) => `k:${index + 1}`),
	);
	await again.close();
	return calls;
}

const faults = [
	["ENOSPC", false],
	["ENOSPC", true],
	["EIO", false],
	["EIO", true],
] as const;

describe.each(["each", "interval"] as const)("with durability %s nothing promised is lost", (durability) => {
	test.each(faults)(
		"M14 S1 when the n-th call fails with %s, half done: %s, for every n",
		async (code, short) => {
			const calls = await run(durability, () => undefined);
			expect(calls).toBeGreaterThan(10);
			for (let n = 1; n <= calls; n++) {
				// A folder that can't even be listed is no store.
				const isVital = ({ operation }: Call) => operation === "makeFolder" || operation === "list";
				await run(durability, (call) =>
					call.number === n && !isVital(call) ? { error: systemError(code), short } : undefined,
				);
			}
		},
		60_000,
	);
});

describe("a store after a power cut at any moment, with nothing left that was not synced", () => {
	test("has everything that was promised, where each group is synced", async () => {
		await using folder = await testFolder();
		await using copies = await testFolder();
		const fs = new FaultyFileSystem();
		const store = new DiskStore(limits(), new Told(), { folder: folder.path, durability: "each", fileSystem: fs });
		await store.open();
		const large = "x".repeat(20_000);
		let promised = 0;
		let copied = 0;
		const checks: { path: string; promised: number }[] = [];
		fs.fate = async ({ operation, number }) => {
			if (number % 37 === 0 || (operation === "rename" && copied < 20)) {
				const path = `${copies.path}/${copied++}`;
				const before = promised;
				await fs.copyAfterPowerCut(folder.path, path);
				checks.push({ path, promised: before });
			}
			return undefined;
		};
		for (let round = 1; round <= 500; round++) {
			store.retain(message(`r/${round % 10}`, `${round} ${large}`));
			await store.flushed();
			promised = round;
		}
		await store.close();
		expect(checks.length).toBeGreaterThan(10);
		for (const { path, promised: least } of checks) {
			const told = new Told();
			const copy = new DiskStore(limits(), told, { folder: path, durability: "each" });
			await copy.open();
			const newest = Math.max(0, ...copy.retained(["#"]).map(({ payload }) => Number.parseInt(payload.toString(), 10)));
			expect(newest).toBeGreaterThanOrEqual(least);
			expect(copy.retainedCount).toBeGreaterThanOrEqual(Math.min(10, least));
			expect(told.problems).toEqual([]);
			await copy.close();
		}
	}, 60_000);
});
