/** Holds the folder of a store for one command, while no broker runs on it. */

import { FlowbrokerError } from "../../errors";
import type { FileSystem } from "../disk/file-system";
import { StoreLock } from "../disk/lock";
import { segmentOf } from "../disk/names";
import { fileSystemOf } from "./own-files";

/**
 * @throws FlowbrokerError STORE_MISSING for a folder without a store, STORE_LOCKED, STORE_UNUSABLE, or what `work` throws
 */
export async function offline<T>(folder: string, work: (fs: FileSystem) => Promise<T>): Promise<T> {
	const fs = await existing(folder);
	const lock = new StoreLock(fs, folder);
	try {
		await lock.take();
	} catch (error) {
		// Where nobody can write, nobody else writes: a copy on a read-only disk.
		if ((error as NodeJS.ErrnoException).code !== "EROFS") throw inUse(folder, error);
	}
	try {
		return await work(fs);
	} finally {
		await lock.release();
	}
}

/** The error of a store that another process has, as it is for somebody at the command line. */
export function inUse(folder: string, error: unknown): FlowbrokerError {
	if (error instanceof FlowbrokerError && error.code === "STORE_LOCKED") {
		const sentence = `A broker is running on the store ${folder}. Stop it, and try again.`;
		return new FlowbrokerError("STORE_LOCKED", sentence, error);
	}
	if (error instanceof FlowbrokerError) return error;
	const { code, message } = error as NodeJS.ErrnoException;
	const remedy = code === "EACCES" || code === "EPERM" ? "Run the command as the user who runs the broker." : message;
	return new FlowbrokerError("STORE_UNUSABLE", `The store ${folder} can't be used. ${remedy}`, error);
}

/** @throws FlowbrokerError STORE_MISSING */
export async function existing(folder: string): Promise<FileSystem> {
	let found: string[] = [];
	try {
		const fs = await fileSystemOf(folder);
		found = await fs.list(folder);
		if (found.some((name) => segmentOf(name))) return fs;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw inUse(folder, error);
	}
	throw new FlowbrokerError(
		"STORE_MISSING",
		`There is no store in ${folder}. A broker keeps its own in a folder named store.`,
	);
}
