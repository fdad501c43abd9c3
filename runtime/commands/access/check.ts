/** `flowbroker access check`: whether a broker can use the access file. */

import { stat } from "node:fs/promises";
import { FlowbrokerError } from "../../../broker";
import type { Command, CommandCall } from "../../command";
import { reportError } from "../../output";
import { locationOptions, locationUsage } from "../common/location";
import { count, say, warn } from "../common/print";
import { type OpenAccess, withAccess } from "../common/with-access";
import { noWords } from "../common/words";

export const checkAccess: Command = {
	name: "access check",
	summary: "check the file with users and rules",
	usage: locationUsage,
	help: `Says whether the file with users and rules can be used, and if not, what is wrong and where. The exit code is
0 when all is well, and 1 when something is to be repaired.`,
	options: locationOptions,
	examples: [
		"flowbroker access check --data /home/pi/home",
		"flowbroker access check --file /home/pi/home/flowbroker/1a2b3c/access.json",
	],
	run: async (call) => {
		noWords(call, "access check");
		try {
			return await check(call);
		} catch (error) {
			// Here it is the answer, and not a hindrance.
			if (!(error instanceof FlowbrokerError && error.code === "ACCESS_FILE_BROKEN")) throw error;
			warn(reportError(error).text);
			return 1;
		}
	},
};

/** @returns the exit code */
function check(call: CommandCall): Promise<number> {
	return withAccess(call, "refuse", async ({ store, file }: OpenAccess) => {
		const users = store.users();
		const { anonymous, groups } = store.exportDocument();
		const rules = [...users, ...groups, anonymous].reduce((sum, owner) => sum + owner.rules.length, 0);
		const parts = [count(users.length, "user"), count(groups.length, "group"), count(rules, "rule")];
		say(`${file} can be used: ${parts.join(", ")}.`);
		for (const { name, hasPassword } of users) {
			if (!hasPassword) say(`The user "${name}" has no password and can't log in.`);
		}
		if (process.platform === "win32" || ((await stat(file)).mode & 0o077) === 0) return 0;
		warn(`flowbroker: Other users of this machine can read the password hashes in ${file}: chmod 600 ${file}`);
		return 1;
	});
}
