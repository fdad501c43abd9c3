/** Who may use which listener: what its settings say, beside what the access control says. */

import type { SessionAccess } from "./access/access";
import type { ListenerAdmission } from "./listeners/listener-options";

/**
 * @param access of somebody who is logged in otherwise
 * @returns why not here, in words for people; undefined when it is allowed
 */
export function whyNotHere(listener: ListenerAdmission, access: SessionAccess): string | undefined {
	const { user, groups = [], unproven = false } = access;
	if (user === null || unproven) {
		if (listener.anonymous === false) return "this listener is not for clients without user name";
		return isForSome(listener) ? "this listener is only for some users" : undefined;
	}
	if (!isForSome(listener) || listener.users?.includes(user)) return undefined;
	if (listener.groups?.some((group) => groups.includes(group))) return undefined;
	return `this listener is not for the user "${user}"`;
}

function isForSome({ users, groups }: ListenerAdmission): boolean {
	return users !== undefined || groups !== undefined;
}
