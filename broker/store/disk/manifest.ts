/** `store.json` says which version of the format the folder has. */

import { join } from "node:path";
import { FlowbrokerError } from "../../errors";
import { type FileSystem, writeAll } from "./file-system";
import { damagedPath, MANIFEST, UNFINISHED } from "./names";

export const VERSION = 2;

/** Makes a folder of the next version out of one of that version; it may be interrupted and done again. */
export type Migration = (fs: FileSystem, folder: string) => Promise<void>;

/** By the version that each starts from. */
export const migrations: Readonly<Record<number, Migration>> = {
	// Journals of version 1 have other names: they are read as they are, and go with the next snapshot.
	1: async () => {},
};

/**
 * Brings the folder to the version that this program writes.
 * @returns true when the manifest was damaged and moved aside
 * @throws FlowbrokerError STORE_TOO_NEW, STORE_UNUSABLE; the file system's errors
 */
export async function upToDate(
	fs: FileSystem,
	folder: string,
	now: Date,
	known: { readonly version: number; readonly migrations: Readonly<Record<number, Migration>> } = {
		version: VERSION,
		migrations,
	},
): Promise<boolean> {
	const path = join(folder, MANIFEST);
	const found = await versionOf(fs, path);
	if (found === undefined) {
		await write(fs, folder, known.version);
		return false;
	}
	if (found === "damaged") {
		// Every version so far reads what the one before wrote, so that it may be taken for the newest.
		await fs.rename(path, damagedPath(folder, MANIFEST, now));
		await write(fs, folder, known.version);
		return true;
	}
	if (found > known.version) throw tooNew(folder, found, known.version);
	for (let version = found; version < known.version; version++) {
		const migrate = known.migrations[version];
		if (!migrate)
			throw new FlowbrokerError("STORE_UNUSABLE", `The store ${folder} has an unknown version: ${version}.`);
		await migrate(fs, folder);
		await write(fs, folder, version + 1);
	}
	return false;
}

/** undefined where there is no manifest. */
export async function versionOf(fs: FileSystem, path: string): Promise<number | "damaged" | undefined> {
	let text: string;
	try {
		text = await fs.readText(path);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
		throw error;
	}
	try {
		const { format, version } = JSON.parse(text) as { format?: unknown; version?: unknown };
		return format === "flowbroker-store" && Number.isSafeInteger(version) ? Number(version) : "damaged";
	} catch {
		return "damaged";
	}
}

async function write(fs: FileSystem, folder: string, version: number): Promise<void> {
	const path = join(folder, MANIFEST);
	const file = await fs.create(path + UNFINISHED, false);
	try {
		await writeAll(file, Buffer.from(`${JSON.stringify({ format: "flowbroker-store", version })}\n`), 0);
		await file.sync();
	} finally {
		await file.close();
	}
	await fs.rename(path + UNFINISHED, path);
	await fs.syncFolder(folder);
}

function tooNew(folder: string, found: number, known: number): FlowbrokerError {
	const sentence =
		`The store ${folder} was written by a newer flowbroker (format ${found}; this one knows up to ${known}). ` +
		"Install the newer version again, or give the broker another folder.";
	return new FlowbrokerError("STORE_TOO_NEW", sentence);
}
