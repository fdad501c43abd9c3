/** Finds the folder that an import fills: the one in which a broker will look, also where none has run yet. */

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { FlowbrokerError } from "../../../broker";
import { findBrokerNodes } from "../../brokers";
import type { CommandCall, CommandOption } from "../../command";
import { resolveSettings } from "../../config/resolve";
import { readFlowFile } from "../../flow-files";
import { mergeFlows } from "../../flows";
import { brokersIn } from "../common/location";
import { usage } from "../common/words";
import { brokersFolder, givenFolder, storeFolder, storeOf } from "./place";

const command = "store import";

export const newPlaceOptions = {
	flow: { value: "FLOW.json", help: "the flow that will run with DIR: the import is for its broker" },
	broker: { value: "ID", help: "id of the broker's node, when there are several brokers" },
	itself: { help: "DIR is the folder of the store itself, as a broker of the library has it" },
} as const satisfies Record<string, CommandOption>;

export const newPlaceHelp = `DIR is the folder of "flowbroker run --data" or the user folder of Node-RED. A store is in it under the id of a broker's
node. Where no broker has run in DIR yet, the id is found in the flow: in --flow, or the flow of the configuration file, or
DIR/flows.json. No broker may be running on the store.`;

/**
 * @returns absolute path of the store's folder; there need not be one
 * @throws FlowbrokerError USAGE; AggregateError when the flow can't be read
 */
export async function newStoreFolder(call: CommandCall): Promise<string> {
	const { broker, flow } = call.values;
	const itself = call.switches.has("itself");
	if (flow === "") throw usage("--flow needs the name of a file.", command);
	if ([broker, flow, itself || undefined].filter((given) => given !== undefined).length > 1)
		throw usage("Give one of --flow, --broker and --itself.", command);
	const folder = givenFolder(call.files, command);
	if (itself || (broker === undefined && flow === undefined && isStore(folder))) return isForStore(folder);
	const known = flow === undefined && (broker !== undefined || (await brokersIn(brokersFolder(folder))).length > 0);
	const place = known
		? await storeFolder(call, call.files, command)
		: storeOf(folder, await fromFlow(call, folder), command);
	return isForStore(place);
}

/** The id of the flow's broker. */
async function fromFlow({ values: { flow } }: CommandCall, folder: string): Promise<string> {
	const paths = flow === undefined ? usualFlows(folder) : [flow];
	if (paths.length === 0) {
		throw usage(
			`No broker has run in ${folder} yet, so it is not known where one will look for its store. Add --flow FLOW.json with the flow that will run, or --broker ID with the id of the broker's node.`,
			command,
		);
	}
	const files = await Promise.all(paths.map(readFlowFile));
	const problems = files.flatMap((file) => file.problems);
	if (problems.length > 0) throw new AggregateError(problems, "The flow can't be read.");
	const brokers = findBrokerNodes(mergeFlows(files).nodes).filter(({ kind }) => kind !== "remote");
	const name = paths.join(", ");
	const [only] = brokers;
	if (only === undefined)
		throw usage(`There is no embedded broker in ${name}. Name another flow with --flow.`, command);
	if (brokers.length === 1) return only.id;
	const ids = brokers.map(({ id }) => id).join(" or --broker ");
	throw usage(`There are several brokers in ${name}: name one with --broker ${ids}.`, command);
}

/** What would run where nobody names a flow. */
function usualFlows(folder: string): readonly string[] {
	const ofNodeRed = join(folder, "flows.json");
	if (existsSync(ofNodeRed)) return [ofNodeRed];
	return resolveSettings({ files: [], values: {}, switches: new Set() }, process.env).call.files;
}

function isStore(folder: string): boolean {
	return namesIn(folder).some((name) => /^(\d{8,}\..*|store\.json)$/.test(name));
}

/** A new folder for a store must be meant as one. @throws FlowbrokerError USAGE */
function isForStore(folder: string): string {
	const strange = namesIn(folder).find((name) => !/^(\d{8,}\..*|store\.json|lock|damaged-.*)$/.test(name));
	if (strange === undefined) return folder;
	const sentence = `${folder} is no folder of a store: there is ${strange} in it. Name the folder of the store, or a new one.`;
	throw new FlowbrokerError("USAGE", sentence);
}

function namesIn(folder: string): string[] {
	try {
		return readdirSync(folder);
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === "ENOENT") return [];
		const why = code === "ENOTDIR" ? "it is a file" : code;
		const sentence = `${folder} can't be used as a folder: ${why}. Name another one.`;
		throw new FlowbrokerError("DATA_FOLDER_UNUSABLE", sentence, error);
	}
}
