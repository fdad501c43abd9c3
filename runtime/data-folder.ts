/** Prepares the folder that Node-RED uses as its user directory. */

import { mkdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FlowbrokerError } from "../broker";

/** What Node-RED itself puts into a new user directory; without it `npm install` there would use a folder above. */
const packageFile = {
	name: "node-red-project",
	description: "A Node-RED Project",
	version: "0.0.1",
	private: true,
};

/** Makes the folder, and its package.json, where they are missing. @throws FlowbrokerError DATA_FOLDER_UNUSABLE */
export async function prepareDataFolder(folder: string): Promise<void> {
	try {
		await makeFolders(folder);
		await writeFile(join(folder, "package.json"), `${JSON.stringify(packageFile, null, 4)}\n`, { flag: "wx" });
	} catch (error) {
		const code = (error as NodeJS.ErrnoException).code;
		if (code === "EEXIST" && (error as NodeJS.ErrnoException).syscall === "open") return;
		const why = code === "EEXIST" || code === "ENOTDIR" ? "it is a file, not a folder" : String(code);
		throw new FlowbrokerError(
			"DATA_FOLDER_UNUSABLE",
			`The data folder ${folder} can't be used: ${why}. Name another folder with --data.`,
			error,
		);
	}
}

/** Node's own way to make the folders above tries for ever where none can be made, as in /proc. */
async function makeFolders(folder: string): Promise<void> {
	try {
		await mkdir(folder);
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === "EEXIST" && (await stat(folder)).isDirectory()) return;
		const parent = dirname(folder);
		if (code !== "ENOENT" || parent === folder || (await isThere(parent))) throw error;
		await makeFolders(parent);
		await mkdir(folder);
	}
}

async function isThere(path: string): Promise<boolean> {
	return (await stat(path).catch(() => undefined)) !== undefined;
}
