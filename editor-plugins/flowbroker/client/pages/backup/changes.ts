/** Says in words what another set of users and rules would change. */

import type { DocumentChanges } from "../../../../../broker/http/contract";
import type { Translate } from "../../text";

/** One line for each kind of change; none where all stays as it is. */
export function changeLines(
	{ users, passwords, groups, anonymous, defaults }: DocumentChanges,
	t: Translate,
): string[] {
	const lines: [key: Parameters<Translate>[0], names: readonly string[]][] = [
		["changes.usersAdded", users.added],
		["changes.usersChanged", users.changed],
		["changes.usersRemoved", users.removed],
		["changes.passwords", passwords],
		["changes.groupsAdded", groups.added],
		["changes.groupsChanged", groups.changed],
		["changes.groupsRemoved", groups.removed],
	];
	return [
		...lines.filter(([, names]) => names.length > 0).map(([key, names]) => t(key, { names: shortened(names, t) })),
		...(anonymous ? [t("changes.anonymous")] : []),
		...(defaults ? [t("changes.defaults")] : []),
	];
}

const SHOWN = 20;

function shortened(names: readonly string[], t: Translate): string {
	const first = names.slice(0, SHOWN).join(", ");
	return names.length <= SHOWN ? first : t("changes.more", { names: first, n: names.length - SHOWN });
}
