/** A directory for one test file, removed afterwards. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "@jest/globals";

/** @returns a function that makes a new directory */
export function temporaryDirectories(): () => Promise<string> {
	const made: string[] = [];
	afterEach(async () => {
		await Promise.all(made.splice(0).map((path) => rm(path, { recursive: true, force: true })));
	});
	return async () => {
		const path = await mkdtemp(join(tmpdir(), "flowbroker-access-"));
		made.push(path);
		return path;
	};
}
