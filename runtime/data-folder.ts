/** Prepares the folder that Node-RED uses as its user directory. */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FlowbrokerError, makeFolders, whyUnwritable } from "../broker";

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
		const { code, syscall } = error as NodeJS.ErrnoException;
		if (code === "EEXIST" && syscall === "open") return;
		const sentence = `The data folder ${folder} can't be used: ${whyUnwritable(error)}. Name another folder with --data.`;
		throw new FlowbrokerError("DATA_FOLDER_UNUSABLE", sentence, error);
	}
}
