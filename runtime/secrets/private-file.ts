/** Reads files that hold secrets, and refuses those that others can read too. */

import { open } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { FlowbrokerError, whyUnreadable } from "../../broker";

/** The rights of everybody but the owner. */
const othersMode = 0o077;

/** @throws FlowbrokerError FILE_UNREADABLE, SECRETS_EXPOSED */
export async function readPrivateFile(path: string): Promise<string> {
	const { text, mode } = await readWithMode(path);
	refuseExposed(path, mode);
	return text;
}

/** For files of which only some need to be private: see {@link refuseExposed}. @throws FlowbrokerError FILE_UNREADABLE */
export async function readWithMode(path: string): Promise<{ readonly text: string; readonly mode: number }> {
	try {
		const file = await open(path, "r");
		try {
			const { mode } = await file.stat();
			return { text: await file.readFile("utf8"), mode };
		} finally {
			await file.close();
		}
	} catch (error) {
		throw unreadable(path, error);
	}
}

/** @throws FlowbrokerError SECRETS_EXPOSED */
export function refuseExposed(path: string, mode: number): void {
	// Windows has no such rights.
	if (process.platform === "win32" || (mode & othersMode) === 0 || isFromSystemd(path)) return;
	throw new FlowbrokerError(
		"SECRETS_EXPOSED",
		`${path} holds secrets, and other users of this machine can read it. Close it with: chmod 600 ${quoted(path)}`,
	);
}

/** systemd keeps the credentials of a service to it by an access list, which looks like rights of a group. */
export function isFromSystemd(path: string): boolean {
	const folder = process.env.CREDENTIALS_DIRECTORY;
	return folder !== undefined && folder !== "" && dirname(resolve(path)) === resolve(folder);
}

function unreadable(path: string, error: unknown): FlowbrokerError {
	return new FlowbrokerError("FILE_UNREADABLE", `${path} can't be read: ${whyUnreadable(error)}.`, error);
}

/** As a shell takes it. */
function quoted(path: string): string {
	return /^[\w./~-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
