/** A folder for one test. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TestFolder extends AsyncDisposable {
	readonly path: string;
}

export async function testFolder(): Promise<TestFolder> {
	const path = await mkdtemp(join(tmpdir(), "flowbroker-store-"));
	return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
