/** `flowbroker store check`: whether a store can be read, and what is in it. */

import { storeTools } from "../../../broker";
import type { Command } from "../../command";
import { count, formatOption, say, sayJson, wantsJson } from "../common/print";
import { oneWord } from "../common/words";
import { placeHelp, placeOptions, storeFolder } from "./place";

export const checkStore: Command = {
	name: "store check",
	summary: "say whether a store can be read, and what is in it",
	usage: "DIR [options]",
	help: `Reads all that a broker keeps on the disk, and changes nothing. ${placeHelp}

The exit code is 0 when everything can be read, and 1 when something is damaged. A damaged store never keeps a broker
from starting: it uses what can be read, and moves the damaged file aside.`,
	options: { ...placeOptions, ...formatOption },
	examples: ["flowbroker store check /home/pi/home", "flowbroker store check ~/.node-red --broker 1a2b3c4d5e6f7a8b"],
	run: async (call) => {
		const json = wantsJson(call);
		oneWord(call, "store check", "the folder DIR");
		const report = await storeTools.checkStore(await storeFolder(call, call.files, "store check"));
		if (json) sayJson(report);
		else sayReport(report);
		return report.isWhole ? 0 : 1;
	},
};

function sayReport({ folder, version, files, isWhole, ...content }: storeTools.StoreReport): void {
	say(`${folder}, format ${version === "damaged" ? "unknown: store.json is damaged" : version}:`);
	for (const file of files) say(`  ${file.name}: ${fileText(file)}`);
	const { retained, sessions, subscriptions, queued, wills, bridges } = content;
	say(`${count(retained.messages, "retained message")}, ${count(retained.bytes, "byte")}`);
	say(`${count(sessions, "session")} with ${count(subscriptions, "subscription")}`);
	say(`${count(queued.messages, "message")} waiting for clients, ${count(queued.bytes, "byte")} of memory`);
	if (bridges.count > 0)
		say(`${count(bridges.messages, "message")} waiting to cross ${count(bridges.count, "bridge")}`);
	if (wills > 0) say(`${count(wills, "will")} to be published when the broker starts`);
	say(
		isWhole
			? "Everything can be read."
			: "A part is damaged: the broker will use the rest, and move the damaged file aside.",
	);
}

function fileText({ bytes, records, unfinished, damaged, error }: storeTools.FileReport): string {
	const parts = [count(bytes, "byte"), count(records, "record")];
	if (unfinished > 0)
		parts.push(`the last ${count(unfinished, "record")} not used: the power failed while they were written`);
	if (damaged > 0) parts.push(`${count(damaged, "byte")} DAMAGED`);
	if (error) parts.push(`CAN'T BE READ: ${error.message}`);
	return parts.join(", ");
}
