/** Reads the credentials that systemd hands to a service: files named `<id or name of the node>.<field>`. */

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { FlowbrokerError } from "../../broker";
import type { GivenSecret } from "./given-secret";

/**
 * @param folder the value of CREDENTIALS_DIRECTORY, which systemd has made private
 * @returns also those that belong to nobody here: a service may have credentials for other purposes
 * @throws FlowbrokerError FILE_UNREADABLE
 */
export async function readSystemdCredentials(folder: string): Promise<GivenSecret[]> {
	try {
		const names = (await readdir(folder)).filter((name) => /.\../.test(name)).sort();
		return await Promise.all(names.map((name) => readOne(folder, name)));
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		throw new FlowbrokerError("FILE_UNREADABLE", `The systemd credentials in ${folder} can't be read: ${code}.`, error);
	}
}

/** A line end at the end comes from the editor or from `echo`, not from whoever chose the password. */
async function readOne(folder: string, name: string): Promise<GivenSecret> {
	const at = name.lastIndexOf(".");
	const value = (await readFile(join(folder, name), "utf8")).replace(/\r?\n$/, "");
	return { key: name.slice(0, at), field: name.slice(at + 1), value, from: `the systemd credential ${name}` };
}
