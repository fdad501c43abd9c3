/** What is told about a file that people edit by hand. */

import type { FlowbrokerError } from "../errors";

export interface FileProblem {
	readonly file: string;
	/** Counted from 1; `null` when the problem is not on one line. */
	readonly line: number | null;
	/** `error`: the content is not used, what was valid before stays; `warning`: it is used, but may not be meant so. */
	readonly severity: "error" | "warning";
	/** Never quotes a password or a hash. */
	readonly error: FlowbrokerError;
}
