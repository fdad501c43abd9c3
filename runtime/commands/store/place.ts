/** Finds the folder of the store that a command is about. */

import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { CommandCall, CommandOption } from "../../command";
import { folderName, onlyBroker } from "../common/location";
import { usage } from "../common/words";

export const placeOptions = {
	broker: { value: "ID", help: "id of the broker's node, when there are several brokers in DIR" },
} as const satisfies Record<string, CommandOption>;

/** What the help of each command says. */
export const placeHelp = `DIR is the folder of "flowbroker run --data", the user folder of Node-RED, or the folder of a store itself.
No broker may be running on the store.`;

/**
 * @param words the command's, the folder first
 * @returns absolute path of the store's folder; there need not be one
 * @throws FlowbrokerError USAGE
 */
export async function storeFolder(
	{ values: { broker } }: CommandCall,
	words: readonly string[],
	command: string,
): Promise<string> {
	const folder = givenFolder(words, command);
	if (broker !== undefined) return storeOf(folder, broker, command);
	const brokers = brokersFolder(folder);
	return existsSync(brokers) ? join(brokers, await onlyBroker(brokers), "store") : folder;
}

/** @throws FlowbrokerError USAGE */
export function givenFolder([given]: readonly string[], command: string): string {
	if (!given) throw usage("Name the folder: DIR.", command);
	const folder = resolve(given);
	if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === false) {
		throw usage(`"${given}" is a file. DIR has to be a folder.`, command);
	}
	return folder;
}

/** Where a broker keeps its store. @param folder the data folder. @throws FlowbrokerError USAGE */
export function storeOf(folder: string, broker: string, command: string): string {
	if (broker === "") throw usage("--broker needs a value.", command);
	return join(brokersFolder(folder), folderName(broker), "store");
}

/** Has a folder for each broker. */
export function brokersFolder(folder: string): string {
	return join(folder, "flowbroker");
}
