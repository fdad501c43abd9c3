/** The file system for commands: what root makes, as with sudo, belongs to whom the folder belongs to. */

import { chown, stat } from "node:fs/promises";
import { type FileSystem, nodeFileSystem } from "../disk/file-system";

/** @param folder of the store, which must be there */
export async function fileSystemOf(folder: string): Promise<FileSystem> {
	if (process.getuid?.() !== 0) return nodeFileSystem;
	const { uid, gid } = await stat(folder);
	return {
		...nodeFileSystem,
		create: async (path, exclusive) => {
			const file = await nodeFileSystem.create(path, exclusive);
			await chown(path, uid, gid);
			return file;
		},
	};
}
