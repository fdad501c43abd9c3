/** Finds the access file that a command is about. */

import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { FlowbrokerError, whyUnreadable } from "../../../broker";
import type { CommandCall, CommandOption } from "../../command";

/** Every command about users and rules has them. */
export const locationOptions = {
	data: { value: "DIR", help: 'the folder of "flowbroker run --data", or the user folder of Node-RED' },
	broker: { value: "ID", help: "id of the broker's node, when there are several brokers in DIR" },
	file: { value: "FILE", help: "the access file itself, in place of --data" },
} as const satisfies Record<string, CommandOption>;

/** As the help shows them. */
export const locationUsage = "--data DIR [options]";

/**
 * @returns the absolute path; there need not be such a file
 * @throws FlowbrokerError USAGE or DATA_FOLDER_UNUSABLE
 */
export async function locateAccessFile({ values: { file, data, broker } }: CommandCall): Promise<string> {
	if (file === "" || data === "" || broker === "") throw usage("--data, --broker and --file need a value.");
	if (file !== undefined) {
		if (data !== undefined || broker !== undefined) throw usage("Give either --file, or --data with --broker.");
		if ((await stat(file).catch(() => undefined))?.isDirectory()) {
			throw usage(`${file} is a folder: name the file in it, such as ${join(file, "access.json")}.`);
		}
		return resolve(file);
	}
	if (data === undefined) {
		throw usage(
			'Say where the users are kept: --data DIR, with the folder of "flowbroker run --data", or --file FILE.',
		);
	}
	const brokers = resolve(data, "flowbroker");
	return join(brokers, broker === undefined ? await onlyBroker(brokers) : folderName(broker), "access.json");
}

/** A broker's node names its folder so. */
export function folderName(id: string): string {
	return id.replace(/[^\w-]/g, "-");
}

/** @throws FlowbrokerError USAGE when there are several, or none */
export async function onlyBroker(folder: string): Promise<string> {
	const ids = await brokersIn(folder);
	const [only] = ids;
	if (only === undefined) {
		throw usage(`There is no broker in ${folder} yet: name one with --broker ID, the id of the broker's node.`);
	}
	if (ids.length > 1) throw usage(`There are several brokers in ${folder}: add --broker ${ids.join(" or --broker ")}.`);
	return only;
}

/** Names of the folders of brokers; none where there is no such folder. @throws FlowbrokerError DATA_FOLDER_UNUSABLE */
export async function brokersIn(folder: string): Promise<string[]> {
	try {
		const entries = await readdir(folder, { withFileTypes: true });
		return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
		const sentence = `${folder} can't be read: ${whyUnreadable(error)}. Is it the right folder for --data?`;
		throw new FlowbrokerError("DATA_FOLDER_UNUSABLE", sentence, error);
	}
}

function usage(sentence: string): FlowbrokerError {
	return new FlowbrokerError("USAGE", sentence);
}
