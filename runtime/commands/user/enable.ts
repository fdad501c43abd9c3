/** `flowbroker user enable` and `flowbroker user disable`: whether a user may log in. */

import type { Command, CommandCall } from "../../command";
import { locationOptions, locationUsage } from "../common/location";
import { say } from "../common/print";
import { withAccess } from "../common/with-access";
import { oneWord } from "../common/words";

export const enableUser: Command = {
	name: "user enable",
	summary: "let a user log in again",
	usage: `NAME ${locationUsage}`,
	help: "Lets a user log in again who was disabled.",
	options: locationOptions,
	examples: ["flowbroker user enable rajan --data /home/pi/home"],
	run: (call) => setEnabled(call, "user enable", true),
};

export const disableUser: Command = {
	name: "user disable",
	summary: "keep a user from logging in",
	usage: `NAME ${locationUsage}`,
	help: `Keeps a user from logging in, and disconnects clients that are logged in as this user. Password
and rules stay for later.`,
	options: locationOptions,
	examples: ["flowbroker user disable rajan --data /home/pi/home"],
	run: (call) => setEnabled(call, "user disable", false),
};

function setEnabled(call: CommandCall, command: string, enabled: boolean): Promise<void> {
	return withAccess(call, "refuse", async ({ store }) => {
		const name = oneWord(call, command, "the name of the user");
		await store.setEnabled(name, enabled);
		say(`The user "${name}" is ${enabled ? "enabled" : "disabled"}.`);
	});
}
