/** Writes files that somebody names: all or none, and over nothing that is there unless that was said. */

import { open, rm } from "node:fs/promises";
import { access, FlowbrokerError, whyUnwritable } from "../../../broker";

export interface NewFile {
	readonly path: string;
	readonly content: string;
}

/**
 * Only the owner can read the files.
 * @param overwrite may they be there already?
 * @throws FlowbrokerError FILE_EXISTS or FILE_UNWRITABLE
 */
export async function writeFiles(files: readonly NewFile[], overwrite: boolean): Promise<void> {
	const made: string[] = [];
	try {
		// Each name is taken first, so that the second file does not fail when the first is written.
		if (!overwrite) {
			for (const { path } of files) {
				await takeName(path);
				made.push(path);
			}
		}
		for (const { path, content } of files) await write(path, content);
	} catch (error) {
		await Promise.all(made.map((path) => rm(path, { force: true })));
		throw error;
	}
}

async function takeName(path: string): Promise<void> {
	try {
		await (await open(path, "wx", 0o600)).close();
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw unwritable(path, error);
		throw new FlowbrokerError("FILE_EXISTS", `${path} is there already: name another file, or say --force.`);
	}
}

async function write(path: string, content: string): Promise<void> {
	try {
		await access.writeAtomically(path, content);
	} catch (error) {
		throw unwritable(path, error);
	}
}

function unwritable(path: string, error: unknown): FlowbrokerError {
	const sentence = `${path} can't be written: ${whyUnwritable(error)}. Name another place.`;
	return new FlowbrokerError("FILE_UNWRITABLE", sentence, error);
}
