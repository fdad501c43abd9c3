/** Changes a store that no broker runs on: sums it up, or fills it from an export. */

import { FlowbrokerError } from "../../errors";
import { defaultLimits } from "../../limits";
import { DiskStore } from "../disk";
import { nodeFileSystem } from "../disk/file-system";
import type { StoreProblem } from "../problem";
import type { StoreRecord } from "../record";
import { LineProblem } from "./fields";
import { existing, inUse } from "./offline";
import { fileSystemOf } from "./own-files";
import { parseExport } from "./parse-export";

const events = (problem: (problem: StoreProblem) => void) => ({ queueFull: () => {}, retainedFull: () => {}, problem });

/** Takes records as they are: limits hold for what comes in later. */
class FilledStore extends DiskStore {
	take(record: StoreRecord): void {
		this.apply(record);
		this.journal?.(record);
	}

	get isEmpty(): boolean {
		return this.records().next().done === true;
	}
}

/**
 * Leaves one file in place of all, without what is not needed any more.
 * @returns what was found wrong, in sentences
 * @throws FlowbrokerError STORE_MISSING, STORE_LOCKED, STORE_TOO_NEW, STORE_UNUSABLE
 */
export async function compactStore(folder: string): Promise<string[]> {
	await existing(folder);
	return withStore(folder, (store) => store.sumUp());
}

/**
 * Puts an export into an empty store, or one that is not there yet.
 * @param text lines of JSON
 * @param source for messages, as in `home.jsonl`
 * @returns how many records were taken
 * @throws FlowbrokerError STORE_NOT_EMPTY, STORE_IMPORT_INVALID, STORE_LOCKED, STORE_TOO_NEW, STORE_UNUSABLE
 */
export async function importStore(folder: string, text: string, source: string): Promise<number> {
	const records = parsed(text, source);
	await withStore(folder, async (store) => {
		if (!store.isEmpty) throw notEmpty(folder);
		for (const record of records) store.take(record);
		await store.flushed();
		await store.sumUp();
	});
	return records.length;
}

async function withStore(folder: string, work: (store: FilledStore) => Promise<void>): Promise<string[]> {
	const found: string[] = [];
	try {
		await nodeFileSystem.makeFolder(folder);
		const tell = (problem: StoreProblem) => {
			if (problem.kind !== "working") found.push(problem.error.message);
		};
		const fileSystem = await fileSystemOf(folder);
		const store = new FilledStore(defaultLimits, events(tell), { folder, durability: "each", fileSystem });
		await store.open();
		try {
			await work(store);
		} finally {
			await store.close();
		}
		return found;
	} catch (error) {
		throw inUse(folder, error);
	}
}

function parsed(text: string, source: string): StoreRecord[] {
	try {
		return parseExport(text);
	} catch (error) {
		if (!(error instanceof LineProblem)) throw error;
		throw new FlowbrokerError(
			"STORE_IMPORT_INVALID",
			`${source} can't be imported, and nothing was changed. ${error.message}.`,
		);
	}
}

function notEmpty(folder: string): FlowbrokerError {
	const sentence = `The store ${folder} is not empty, and is left as it is. Import into another folder, or remove this one first.`;
	return new FlowbrokerError("STORE_NOT_EMPTY", sentence);
}
