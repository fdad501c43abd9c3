/** Puts users into groups and takes them out: changes of an access document. */

import { access } from "../../../broker";

/** Makes the group where it is missing. @throws FlowbrokerError USER_UNKNOWN or GROUP_INVALID */
export function withMembers(
	document: access.AccessDocument,
	group: string,
	users: readonly string[],
	change: access.GroupChange,
): access.AccessDocument {
	const known = document.groups.some(({ name }) => name === group);
	const start = known ? access.modifyGroup(document, group, change) : access.addGroup(document, group, change);
	return inEach(start, users, (groups) => (groups.includes(group) ? groups : [...groups, group]));
}

/** @throws FlowbrokerError USER_UNKNOWN */
export function withoutMembers(
	document: access.AccessDocument,
	group: string,
	users: readonly string[],
): access.AccessDocument {
	return inEach(document, users, (groups) => groups.filter((name) => name !== group));
}

function inEach(
	document: access.AccessDocument,
	users: readonly string[],
	change: (groups: readonly string[]) => readonly string[],
): access.AccessDocument {
	return users.reduce((changed, name) => {
		const groups = changed.users.find((user) => user.name === name)?.groups ?? [];
		return access.modifyUser(changed, name, { groups: change(groups) });
	}, document);
}
