/** `flowbroker group list`: all groups with their users. */

import type { Command } from "../../command";
import { locationOptions, locationUsage } from "../common/location";
import { formatOption, sayJson, sayTable, wantsJson } from "../common/print";
import { withAccess } from "../common/with-access";
import { noWords } from "../common/words";

export const listGroups: Command = {
	name: "group list",
	summary: "list the groups and who is in them",
	usage: locationUsage,
	help: "Lists the groups, how many rules each has, and who is in it.",
	options: { ...formatOption, ...locationOptions },
	examples: ["flowbroker group list --data /home/pi/home", "flowbroker group list --format json --data /home/pi/home"],
	run: (call) =>
		withAccess(call, "refuse", ({ store }) => {
			noWords(call, "group list");
			const users = store.users();
			const groups = store.groups().map((group) => ({
				...group,
				users: users.flatMap(({ name, groups: of }) => (of.includes(group.name) ? [name] : [])),
			}));
			if (wantsJson(call)) return sayJson(groups);
			const rows = groups.map(({ name, rules, users: of, note }) => [name, String(rules.length), of.join(", "), note]);
			sayTable(["name", "rules", "users", "note"], rows, "There are no groups.");
		}),
};
