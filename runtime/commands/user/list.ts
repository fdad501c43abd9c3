/** `flowbroker user list`: all users. */

import type { Command } from "../../command";
import { locationOptions, locationUsage } from "../common/location";
import { formatOption, sayJson, sayTable, wantsJson } from "../common/print";
import { withAccess } from "../common/with-access";
import { noWords } from "../common/words";
import { stateOf } from "./state";

export const listUsers: Command = {
	name: "user list",
	summary: "list the users",
	usage: locationUsage,
	help: "Lists the users, without anything of their passwords.",
	options: { ...formatOption, ...locationOptions },
	examples: ["flowbroker user list --data /home/pi/home", "flowbroker user list --format json --data /home/pi/home"],
	run: (call) =>
		withAccess(call, "refuse", ({ store }) => {
			noWords(call, "user list");
			const users = store.users();
			if (wantsJson(call)) return sayJson(users);
			const rows = users.map((user) => [
				user.name,
				stateOf(user, Date.now()),
				user.groups.join(", "),
				String(user.rules.length),
				user.note,
			]);
			sayTable(["name", "state", "groups", "rules", "note"], rows, "There are no users.");
		}),
};
