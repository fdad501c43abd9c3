/** A ban as people see it, whoever has set it. */

import type { AdministratorBan } from "./ban-list";
import type { Ban } from "./login-throttle";

/** A ban that holds now. A ban for wrong passwords has an address, and mostly a user as well. */
export interface BanView extends AdministratorBan {
	readonly by: "administrator" | "wrong passwords";
}

export function viewOfBan(ban: AdministratorBan): BanView {
	return { ...ban, by: "administrator" };
}

export function viewOfLoginBan(ban: Ban): BanView {
	return { clientId: null, ...ban, reason: "too many wrong passwords", by: "wrong passwords" };
}
