/** Whether a user can log in, in words. */

import type { access } from "../../../broker";

/** @param now milliseconds since 1970 */
export function stateOf({ enabled, hasPassword, expires }: access.UserView, now: number): string {
	if (!enabled) return "disabled";
	if (expires !== null && Date.parse(expires) <= now) return "expired";
	return hasPassword ? "enabled" : "no password";
}
