/** Opens the access file for one command, and says what to do where the broker's errors can't know it. */

import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { access, type ErrorCode, FlowbrokerError } from "../../../broker";
import type { CommandCall } from "../../command";
import { locateAccessFile } from "./location";
import { makeFolder } from "./own-folder";
import { say } from "./print";

export interface OpenAccess {
	readonly store: access.AccessStore;
	/** Absolute path. */
	readonly file: string;
	/** False when the first change will make the file. */
	readonly exists: boolean;
}

/** What is added to an error of the broker. */
const remedies: { readonly [code in ErrorCode]?: string } = {
	USER_UNKNOWN: 'To see all: "flowbroker user list".',
	GROUP_UNKNOWN: 'To see all: "flowbroker group list".',
	RULE_UNKNOWN: 'To see all: "flowbroker rule list".',
};

/**
 * @param missing what to do when there is no access file yet: make it with the first change, refuse, or go on as if
 * there were an empty one
 * @throws FlowbrokerError ACCESS_FILE_MISSING, ACCESS_FILE_BROKEN, ACCESS_FILE_UNREADABLE, or what `work` throws
 */
export async function withAccess<T>(
	call: CommandCall,
	missing: "make" | "refuse" | "imagine",
	work: (open: OpenAccess) => T | Promise<T>,
): Promise<T> {
	const file = await locateAccessFile(call);
	const exists = await isThere(file);
	if (!exists && missing === "refuse") throw noFile(file);
	if (!exists && missing === "make") await makeFolder(dirname(file));
	const store = new access.AccessStore({ file });
	try {
		if (exists || missing === "make") await store.start();
		if (store.problem) throw store.problem.error;
		const result = await work({ store, file, exists });
		if (!exists && (await isThere(file))) tellOfNewFile(file, store);
		return result;
	} catch (error) {
		throw withRemedy(error);
	} finally {
		await store.stop();
	}
}

/** Unreadable is there too: reading tells why. */
async function isThere(file: string): Promise<boolean> {
	try {
		await stat(file);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code !== "ENOENT";
	}
}

function noFile(file: string): FlowbrokerError {
	const sentence = `There is no access file ${file} yet: "flowbroker user add" makes it with the first user.`;
	return new FlowbrokerError("ACCESS_FILE_MISSING", sentence);
}

/** From now on the broker asks this file, where before it asked nobody. */
function tellOfNewFile(file: string, store: access.AccessStore): void {
	say(`${file} was made.`);
	if (store.anonymous.enabled) return;
	say('Clients without user name are not let in from now on; "flowbroker access anonymous on" lets them in.');
}

function withRemedy(error: unknown): unknown {
	if (!(error instanceof FlowbrokerError)) return error;
	const remedy = remedies[error.code];
	return remedy === undefined ? error : new FlowbrokerError(error.code, `${error.message} ${remedy}`, error.cause);
}
