/** `flowbroker user remove`: removes a user with all rules of its own. */

import type { Command } from "../../command";
import { locationOptions, locationUsage } from "../common/location";
import { say } from "../common/print";
import { withAccess } from "../common/with-access";
import { oneWord } from "../common/words";

export const removeUser: Command = {
	name: "user remove",
	summary: "remove a user and the rules of this user",
	usage: `NAME ${locationUsage}`,
	help: `Removes a user, and the rules that are only for this user. Clients that are logged in as this
user are disconnected. To keep the user for later: flowbroker user disable.`,
	options: locationOptions,
	examples: ["flowbroker user remove rajan --data /home/pi/home"],
	run: (call) =>
		withAccess(call, "refuse", async ({ store }) => {
			const name = oneWord(call, "user remove", "the name of the user");
			await store.removeUser(name);
			say(`The user "${name}" was removed.`);
		}),
};
