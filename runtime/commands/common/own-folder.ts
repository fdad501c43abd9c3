/** Makes the folder of an access file, so that the broker can use it whoever runs the command. */

import { chown, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { FlowbrokerError, makeFolders, whyUnwritable } from "../../../broker";

/**
 * Makes what is missing of the path. What root makes, as with sudo, belongs to the owner of the folder that was there.
 * @param mode the rights, as in chmod
 * @throws FlowbrokerError DATA_FOLDER_UNUSABLE
 */
export async function makeFolder(folder: string, mode = 0o700): Promise<void> {
	try {
		const made = await makeFolders(folder, mode);
		const [first] = made;
		if (first === undefined || process.getuid?.() !== 0) return;
		const { uid, gid } = await stat(dirname(first));
		for (const path of made) await chown(path, uid, gid);
	} catch (error) {
		const sentence = `The folder ${folder} can't be made: ${whyUnwritable(error)}. Name another one, or change the owner of the folder above.`;
		throw new FlowbrokerError("DATA_FOLDER_UNUSABLE", sentence, error);
	}
}
