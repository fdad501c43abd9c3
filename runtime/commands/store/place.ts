/** Finds the folder of the store that a command is about. */

import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { FlowbrokerError } from "../../../broker";
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
	const [given] = words;
	if (!given) throw usage("Name the folder: DIR.", command);
	if (broker === "") throw usage("--broker needs a value.", command);
	const folder = resolve(given);
	const brokers = join(folder, "flowbroker");
	if (broker !== undefined) return join(brokers, folderName(broker), "store");
	return existsSync(brokers) ? join(brokers, await onlyBroker(brokers), "store") : folder;
}

/** For an import: a new folder for a store must be meant as one. @throws FlowbrokerError USAGE */
export function isForStore(folder: string): void {
	if (!existsSync(folder)) return;
	const strange = readdirSync(folder).find((name) => !/^(\d{8,}\..*|store\.json|lock|damaged-.*)$/.test(name));
	if (strange === undefined) return;
	const sentence = `${folder} is no folder of a store: there is ${strange} in it. Name the folder of the store, or a new one.`;
	throw new FlowbrokerError("USAGE", sentence);
}
