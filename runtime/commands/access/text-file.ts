/** Reads a file that somebody names, as text. */

import { readFile } from "node:fs/promises";
import { FlowbrokerError, whyUnreadable } from "../../../broker";

/** @throws FlowbrokerError FILE_UNREADABLE, or MOSQUITTO_FILE_BROKEN with the first line that is not text in UTF-8 */
export async function readTextFile(path: string): Promise<string> {
	const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
		throw new FlowbrokerError("FILE_UNREADABLE", `${path} can't be read: ${whyUnreadable(error)}.`, error);
	});
	const text = decode(bytes);
	if (text !== undefined) return text;
	const sentence = `${path}:${firstBrokenLine(bytes)}: the line is not text in UTF-8. Save the file as UTF-8.`;
	throw new FlowbrokerError("MOSQUITTO_FILE_BROKEN", sentence);
}

function decode(bytes: Buffer): string | undefined {
	try {
		return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
	} catch {
		return undefined;
	}
}

/** Counted from 1. A line end is never within a character. */
function firstBrokenLine(bytes: Buffer): number {
	let start = 0;
	for (let line = 1; ; line++) {
		const end = bytes.indexOf("\n", start);
		if (end === -1 || decode(bytes.subarray(start, end)) === undefined) return line;
		start = end + 1;
	}
}
