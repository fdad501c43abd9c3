/** Ids of nodes that a conversion adds. */

import { createHash } from "node:crypto";

/** The same for the same node each time: converting the rest of a flow later finds what the first time has made. */
export function newId(id: string, purpose: string): string {
	return createHash("sha256").update(`flowbroker ${purpose} ${id}`).digest("hex").slice(0, 16);
}
