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
