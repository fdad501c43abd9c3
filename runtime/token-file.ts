/** Reads the token of the headless HTTP server. */

import { readFile, stat } from "node:fs/promises";
import { FlowbrokerError, whyUnreadable } from "../broker";
import { isFromSystemd } from "./secrets/private-file";

/** @throws FlowbrokerError USAGE when others can read it too; FILE_UNREADABLE */
export async function readTokenFile(file: string): Promise<string> {
	try {
		const { mode } = await stat(file);
		if (process.platform !== "win32" && (mode & 0o077) !== 0 && !isFromSystemd(file)) {
			throw new FlowbrokerError(
				"USAGE",
				`Others can read the token file ${file}. Keep it to yourself: chmod 600 ${file}`,
			);
		}
		return (await readFile(file, "utf8")).trim();
	} catch (error) {
		if (error instanceof FlowbrokerError) throw error;
		throw new FlowbrokerError(
			"FILE_UNREADABLE",
			`The token file ${file} can't be read: ${whyUnreadable(error)}.`,
			error,
		);
	}
}
