/** What a store tells about the disk below it. */

import type { FlowbrokerError } from "../errors";

/**
 * - `failing`: the disk takes nothing; nothing is acknowledged until it does. Told once.
 * - `working`: it takes everything again.
 * - `repaired`: a part could not be read and was moved aside; the rest is there.
 * - `warning`: nothing is lost, and somebody should look.
 */
export type StoreProblem =
	| { readonly kind: "failing" | "repaired" | "warning"; readonly error: FlowbrokerError }
	| { readonly kind: "working" };
