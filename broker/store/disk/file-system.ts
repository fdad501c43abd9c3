/** What the store needs of a file system, and no more: tests put a faulty one in its place. */

import { open, readdir, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { makeFolders } from "../../make-folders";

export interface StoreFile {
	/** @returns how many of the bytes were written, perhaps not all */
	write(bytes: Buffer, position: number): Promise<number>;
	/** @returns how many bytes were read, 0 at the end of the file */
	read(into: Buffer, position: number): Promise<number>;
	/** Resolves when what was written is on the disk. */
	sync(): Promise<void>;
	close(): Promise<void>;
}

/** Everything rejects with the errors of `node:fs`. */
export interface FileSystem {
	makeFolder(path: string): Promise<void>;
	list(folder: string): Promise<string[]>;
	/** Makes an empty file, in place of one that is there unless `exclusive`. */
	create(path: string, exclusive: boolean): Promise<StoreFile>;
	open(path: string): Promise<StoreFile>;
	readText(path: string): Promise<string>;
	rename(from: string, to: string): Promise<void>;
	/** Does nothing where there is no such file. */
	remove(path: string): Promise<void>;
	/** Makes new names, renamings and removals last. */
	syncFolder(path: string): Promise<void>;
	/** Milliseconds since 1970 of the last change; undefined where there is no such file. */
	changedAt(path: string): Promise<number | undefined>;
	touch(path: string): Promise<void>;
}

/** Only the owner may read what clients send. */
const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

export const nodeFileSystem: FileSystem = {
	makeFolder: async (path) => {
		await makeFolders(path, PRIVATE_FOLDER);
	},
	list: (folder) => readdir(folder),
	create: (path, exclusive) => openFile(path, exclusive ? "wx" : "w"),
	open: (path) => openFile(path, "r"),
	readText: (path) => readFile(path, "utf8"),
	rename,
	remove: (path) => rm(path, { force: true }),
	syncFolder: async (path) => {
		// Windows cannot open a folder.
		if (process.platform === "win32") return;
		const handle = await open(path, "r");
		try {
			await handle.sync();
		} finally {
			await handle.close();
		}
	},
	changedAt: async (path) => {
		try {
			return (await stat(path)).mtimeMs;
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
			throw error;
		}
	},
	touch: async (path) => {
		const now = new Date();
		await utimes(path, now, now);
	},
};

async function openFile(path: string, flags: string): Promise<StoreFile> {
	const handle = await open(path, flags, PRIVATE_FILE);
	return {
		write: async (bytes, position) => (await handle.write(bytes, 0, bytes.length, position)).bytesWritten,
		read: async (into, position) => (await handle.read(into, 0, into.length, position)).bytesRead,
		sync: () => handle.datasync(),
		close: () => handle.close(),
	};
}

/** Writes all of it. @throws the file system's error; an unknown part is then written */
export async function writeAll(file: StoreFile, bytes: Buffer, position: number): Promise<void> {
	let done = 0;
	while (done < bytes.length) {
		const written = await file.write(done === 0 ? bytes : bytes.subarray(done), position + done);
		if (written === 0) throw new Error("the disk takes no more bytes");
		done += written;
	}
}
