/** Reads the message of whatever was thrown. */

import { types } from "node:util";

/** `instanceof` would miss the errors of Function nodes, which come from another JavaScript context. */
export function errorText(error: unknown): string {
	return types.isNativeError(error) ? error.message : String(error);
}
