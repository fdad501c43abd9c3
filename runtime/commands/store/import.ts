/** `flowbroker store import`: fills an empty store from an export. */

import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { FlowbrokerError, storeTools } from "../../../broker";
import type { Command, CommandCall } from "../../command";
import { count, say } from "../common/print";
import { usage } from "../common/words";
import { newPlaceHelp, newPlaceOptions, newStoreFolder } from "./new-place";

export const importStore: Command = {
	name: "store import",
	summary: "fill an empty store from an export",
	usage: "DIR FILE [options]",
	help: `Takes what "flowbroker store export" has written, all of it or nothing. FILE is - for the standard input. The store must
be empty, or not be there yet. ${newPlaceHelp}

Limits of the broker hold for what comes in later: nothing of the export is left out.`,
	options: newPlaceOptions,
	examples: [
		"flowbroker store import /home/pi/home home.jsonl --flow home.json",
		"flowbroker store export old | flowbroker store import new - --broker 1a2b3c4d5e6f7a8b",
	],
	run: importLines,
};

async function importLines(call: CommandCall): Promise<void> {
	const [, file, ...others] = call.files;
	if (!file || others.length > 0) throw usage("Name the folder and the file: DIR FILE.", "store import");
	const folder = await newStoreFolder(call);
	const source = file === "-" ? "The standard input" : file;
	const records = await storeTools.importStore(folder, await read(file), source);
	say(`Took ${count(records, "record")} into ${folder}.`);
}

async function read(file: string): Promise<string> {
	if (file === "-") return text(process.stdin);
	try {
		return await readFile(file, "utf8");
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		const why = code === "ENOENT" ? "there is no such file" : code;
		throw new FlowbrokerError("FILE_UNREADABLE", `${file} can't be read: ${why}.`, error);
	}
}
