/** Writes a file where none is. */

import { writeFile } from "node:fs/promises";
import { FlowbrokerError, whyUnwritable } from "../../../broker";

/**
 * @param mode the rights, as in chmod
 * @throws FlowbrokerError FILE_EXISTS or FILE_UNWRITABLE
 */
export async function writeNewFile(path: string, text: string, mode = 0o644): Promise<void> {
	try {
		await writeFile(path, text, { flag: "wx", mode });
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "EEXIST") throw fileExists(path);
		const sentence = `${path} can't be written: ${whyUnwritable(error)}. Name another place.`;
		throw new FlowbrokerError("FILE_UNWRITABLE", sentence, error);
	}
}

/** @returns the error, to be thrown by the caller */
export function fileExists(path: string): FlowbrokerError {
	const sentence = `${path} is there already, and is left as it is. Name another place, or remove it first.`;
	return new FlowbrokerError("FILE_EXISTS", sentence);
}
