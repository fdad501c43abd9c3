/** What `flowbroker deploy` and a runtime say to each other. */

import type { Finding } from "../check/finding";

/** Below the address of the runtime. */
export const deployPath = "/deploy";

/** `POST /deploy`. */
export interface DeployRequest {
	readonly files: readonly DeployedFile[];
	/** Only say what would be found. */
	readonly checkOnly: boolean;
}

export interface DeployedFile {
	/** For messages: no place on the disk. */
	readonly name: string;
	/** As the editor exports it. */
	readonly text: string;
}

/** The answer, also beside an error. */
export interface DeployAnswer {
	readonly findings: readonly Finding[];
	readonly error?: { readonly code: string; readonly message: string };
}
