/** Makes a folder, and those above it. */

import { mkdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/**
 * Node's own way to make the folders above tries for ever where none can be made, as in /proc.
 * @param mode the rights of each folder that is made, as in chmod
 * @returns the absolute paths of what was made, the uppermost first
 */
export async function makeFolders(folder: string, mode?: number): Promise<string[]> {
	const path = resolve(folder);
	try {
		return await makeOne(path, mode);
	} catch (error) {
		const parent = dirname(path);
		const parentMissing = (error as NodeJS.ErrnoException).code === "ENOENT" && !(await isThere(parent));
		if (!parentMissing || parent === path) throw error;
		const above = await makeFolders(parent, mode);
		return [...above, ...(await makeOne(path, mode))];
	}
}

/** Somebody else may make it at the same moment. */
async function makeOne(path: string, mode: number | undefined): Promise<string[]> {
	try {
		await mkdir(path, mode);
		return [path];
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "EEXIST" && (await isFolder(path))) return [];
		throw error;
	}
}

async function isFolder(path: string): Promise<boolean> {
	return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

async function isThere(path: string): Promise<boolean> {
	return (await stat(path).catch(() => undefined)) !== undefined;
}
