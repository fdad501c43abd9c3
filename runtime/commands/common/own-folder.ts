/** Makes the folder of an access file, so that the broker can use it whoever runs the command. */

import { chown, mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { FlowbrokerError } from "../../../broker";

/**
 * Makes what is missing of the path. What root makes, as with sudo, belongs to the owner of the folder that was there.
 * @param mode the rights, as in chmod
 * @throws FlowbrokerError DATA_FOLDER_UNUSABLE
 */
export async function makeFolder(folder: string, mode = 0o700): Promise<void> {
	try {
		const first = await mkdir(folder, { recursive: true, mode });
		if (first === undefined || process.getuid?.() !== 0) return;
		const { uid, gid } = await stat(dirname(first));
		for (let made = folder; made.length >= first.length; made = dirname(made)) await chown(made, uid, gid);
	} catch (error) {
		const why = (error as NodeJS.ErrnoException).code;
		const sentence = `The folder ${folder} can't be made: ${why}. Name another one, or change the owner of the folder above.`;
		throw new FlowbrokerError("DATA_FOLDER_UNUSABLE", sentence, error);
	}
}
