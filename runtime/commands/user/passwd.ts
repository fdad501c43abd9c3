/** `flowbroker user passwd`: gives a user a new password. */

import type { Command } from "../../command";
import { locationOptions, locationUsage } from "../common/location";
import { newPassword, passwordForm, passwordHelp, passwordOptions } from "../common/new-password";
import { refusedPasswords, userWord } from "../common/password-words";
import { say } from "../common/print";
import { withAccess } from "../common/with-access";
import { requireUser } from "./require-user";

export const setPassword: Command = {
	name: "user passwd",
	summary: "give a user a new password",
	usage: `NAME ${locationUsage}`,
	help: `Gives a user a new password. Clients that are logged in as this user have to log in again.\n\n${passwordHelp}`,
	options: { ...passwordOptions, ...locationOptions },
	refused: refusedPasswords,
	examples: [
		"flowbroker user passwd rajan --data /home/pi/home",
		"flowbroker user passwd thermometer --generate --data /home/pi/home",
	],
	run: async (call) => {
		const name = userWord(call, "user passwd");
		await withAccess(call, "refuse", async ({ store }) => {
			// Before anybody is asked for a password.
			requireUser(store, name);
			const { text, generated } = await newPassword(call, name);
			await store.setPassword(name, text, passwordForm(call));
			say(`The user "${name}" has a new password.`);
			if (generated) say(`Password, shown only now: ${text}`);
		});
	},
};
