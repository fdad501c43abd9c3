/** Replaces a file in one step: after a power cut there is either the old content or the new. */

import { randomBytes } from "node:crypto";
import { type FileHandle, open, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * Resolves when the content is on the disk. Only the owner can read the file.
 * @throws the file system's error; the old file is then untouched
 */
export async function writeAtomically(path: string, content: string): Promise<void> {
	const target = await realpath(path).catch(() => path);
	const directory = dirname(target);
	const temporary = join(directory, `.${basename(target)}.${process.pid}.${randomBytes(6).toString("hex")}.tmp`);
	try {
		const file = await open(temporary, "wx", 0o600);
		try {
			await keepOwner(file, target);
			await file.writeFile(content);
			await file.sync();
		} finally {
			await file.close();
		}
		await rename(temporary, target);
	} catch (error) {
		await rm(temporary, { force: true });
		throw error;
	}
	await syncDirectory(directory);
}

/** What root writes, as with sudo, must stay readable for the broker: it belongs to whom it belonged, or the directory. */
async function keepOwner(file: FileHandle, target: string): Promise<void> {
	if (process.getuid?.() !== 0) return;
	const { uid, gid } = await stat(target).catch(() => stat(dirname(target)));
	await file.chown(uid, gid);
}

async function syncDirectory(directory: string): Promise<void> {
	// Windows cannot open a directory.
	if (process.platform === "win32") return;
	const handle = await open(directory, "r");
	try {
		await handle.sync();
	} finally {
		await handle.close();
	}
}
