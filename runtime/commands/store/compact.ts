/** `flowbroker store compact`: one file in place of many. */

import { storeTools } from "../../../broker";
import type { Command } from "../../command";
import { count, say, warn } from "../common/print";
import { oneWord } from "../common/words";
import { placeHelp, placeOptions, storeFolder } from "./place";

export const compactStore: Command = {
	name: "store compact",
	summary: "make a store as small as it can be",
	usage: "DIR [options]",
	help: `Writes what the store holds into one new file, and removes the old ones. A running broker does this by itself now and
then: it is worth it before a copy, or on a disk that is nearly full. ${placeHelp}`,
	options: placeOptions,
	examples: ["flowbroker store compact /home/pi/home"],
	run: async (call) => {
		oneWord(call, "store compact", "the folder DIR");
		const folder = await storeFolder(call, call.files, "store compact");
		const before = sizeOf(await storeTools.checkStore(folder));
		for (const problem of await storeTools.compactStore(folder)) warn(`flowbroker: ${problem}`);
		const after = sizeOf(await storeTools.checkStore(folder));
		say(`${folder} has ${count(after, "byte")} now; it had ${count(before, "byte")}.`);
	},
};

function sizeOf({ files }: storeTools.StoreReport): number {
	return files.reduce((sum, { bytes }) => sum + bytes, 0);
}
