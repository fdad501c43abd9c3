/** Reads a mosquitto.conf with the folders that it includes. */

import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { ConfLine } from "../../../migrate";
import { readTextFile } from "../access/text-file";

export interface ConfFiles {
	readonly lines: readonly ConfLine[];
	/** Lines `include_dir` whose folder can't be read, with the reason. */
	readonly missing: ReadonlyMap<ConfLine, string>;
}

/** @throws FlowbrokerError FILE_UNREADABLE, MOSQUITTO_FILE_BROKEN */
export async function readConfFiles(path: string): Promise<ConfFiles> {
	const { parseConf } = await import("../../../migrate/index.js");
	const missing = new Map<ConfLine, string>();
	const seen = new Set<string>();

	async function read(file: string): Promise<ConfLine[]> {
		// A folder that includes itself has been read.
		if (seen.has(resolve(file))) return [];
		seen.add(resolve(file));
		const lines: ConfLine[] = [];
		for (const line of parseConf(file, await readTextFile(file))) {
			if (line.name !== "include_dir") lines.push(line);
			else for (const included of await filesIn(line)) lines.push(...(await read(included)));
		}
		return lines;
	}

	/** In the order of Mosquitto. */
	async function filesIn(line: ConfLine): Promise<string[]> {
		try {
			const names = (await readdir(line.value)).filter((name) => name.endsWith(".conf"));
			return names.sort().map((name) => join(line.value, name));
		} catch (error) {
			missing.set(line, `the folder can't be read: ${(error as NodeJS.ErrnoException).code}`);
			return [];
		}
	}

	return { lines: await read(path), missing };
}
