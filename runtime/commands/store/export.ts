/** `flowbroker store export`: all that a store holds, as lines of JSON. */

import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { FlowbrokerError, storeTools } from "../../../broker";
import type { Command, CommandCall } from "../../command";
import { fileExists } from "../common/new-file";
import { count, warn } from "../common/print";
import { oneWord, usage } from "../common/words";
import { placeHelp, placeOptions, storeFolder } from "./place";

export const exportStore: Command = {
	name: "store export",
	summary: "write all that a store holds as lines of JSON",
	usage: "DIR [options]",
	help: `Writes retained messages, sessions with their subscriptions, waiting messages and wills: one JSON object a line, in a
form that people can read and that "flowbroker store import" takes. The messages of clients are in it: keep it as safe as
the store. ${placeHelp}`,
	options: { output: { value: "FILE", help: "write to a new file, in place of the standard output" }, ...placeOptions },
	examples: [
		"flowbroker store export /home/pi/home --output home.jsonl",
		"flowbroker store export /home/pi/home | jq -r 'select(.kind == \"retained\") | .topic'",
	],
	run: exportLines,
};

async function exportLines(call: CommandCall): Promise<void> {
	const { files, values } = call;
	if (values.output === "") throw usage("--output needs the name of a file.", "store export");
	oneWord(call, "store export", "the folder DIR");
	const { lines, report } = await storeTools.exportStore(await storeFolder(call, files, "store export"));
	const { output } = values;
	await (output === undefined ? toStandardOutput(lines) : toFile(lines, output));
	if (!report.isWhole) warn("flowbroker: A part of the store is damaged: the export has what can be read.");
	if (output === undefined) return;
	const { sessions, retained, queued } = report;
	const what = [
		count(retained.messages, "retained message"),
		count(sessions, "session"),
		count(queued.messages, "waiting message"),
	];
	warn(`Wrote ${what.join(", ")} to ${output}.`);
}

async function toStandardOutput(lines: Iterable<string>): Promise<void> {
	try {
		await pipeline(Readable.from(withEnds(lines)), process.stdout, { end: false });
	} catch (error) {
		// Whoever reads has seen enough, as "head" does.
		if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error;
	}
}

async function toFile(lines: Iterable<string>, path: string): Promise<void> {
	try {
		await pipeline(Readable.from(withEnds(lines)), createWriteStream(path, { flags: "wx", mode: 0o600 }));
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === "EEXIST") throw fileExists(path);
		throw new FlowbrokerError("FILE_UNWRITABLE", `${path} can't be written: ${code}. Name another place.`, error);
	}
}

/** In pieces that are worth a write. */
function* withEnds(lines: Iterable<string>): Generator<string> {
	let piece = "";
	for (const line of lines) {
		piece += `${line}\n`;
		if (piece.length < 65_536) continue;
		yield piece;
		piece = "";
	}
	if (piece !== "") yield piece;
}
