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

/** Reads the file, which must be there. @throws FlowbrokerError ACCESS_FILE_MISSING, ACCESS_FILE_BROKEN or what `work` throws */
export function readAccess<T>(call: CommandCall, work: (open: OpenAccess) => T | Promise<T>): Promise<T> {
	return withAccess(call, async (open) => {
		if (!open.exists) throw missing(open.file);
		return work(open);
	});
}

/** Lets `work` change the file, which need not be there yet, and tells when it was made. */
export function changeAccess<T>(call: CommandCall, work: (open: OpenAccess) => Promise<T>): Promise<T> {
	return withAccess(call, async (open) => {
		const result = await work(open);
		if (!open.exists) await tellOfNewFile(open);
		return result;
	});
}

async function withAccess<T>(call: CommandCall, work: (open: OpenAccess) => Promise<T>): Promise<T> {
	const file = await locateAccessFile(call);
	const exists = (await stat(file).catch(() => undefined)) !== undefined;
	const store = new access.AccessStore({ file });
	try {
		if (exists) await store.start();
		if (store.problem) throw store.problem.error;
		return await work({ store, file, exists });
	} catch (error) {
		throw withRemedy(error);
	} finally {
		await store.stop();
	}
}
