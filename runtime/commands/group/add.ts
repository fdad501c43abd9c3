/** `flowbroker group add`: makes a group, or puts users into one. */

import { FlowbrokerError } from "../../../broker";
import type { Command } from "../../command";
import { locationOptions, locationUsage } from "../common/location";
import { say } from "../common/print";
import { withAccess } from "../common/with-access";
import { usage } from "../common/words";
import { withMembers } from "./members";

export const addGroup: Command = {
	name: "group add",
	summary: "add a group, or put users into one",
	usage: `GROUP [USER...] ${locationUsage}`,
	help: `Adds a group of users, with the users named. A group that exists gets the users named. Give the group
rules with: flowbroker rule add --group GROUP ...`,
	options: { note: { value: "TEXT", help: "a note for people" }, ...locationOptions },
	examples: [
		"flowbroker group add sensors --data /home/pi/home",
		"flowbroker group add family rajan meera --data /home/pi/home",
	],
	run: async (call) => {
		const [group, ...users] = call.files;
		if (group === undefined) throw usage("Say the name of the group.", "group add");
		const { note } = call.values;
		await withAccess(call, "make", async ({ store }) => {
			const exists = store.groups().some(({ name }) => name === group);
			if (exists && users.length === 0 && note === undefined) {
				const sentence = `There is a group "${group}" already: choose another name, or name users to put into it.`;
				throw new FlowbrokerError("GROUP_EXISTS", sentence);
			}
			await store.update((document) => withMembers(document, group, users, note === undefined ? {} : { note }));
			if (!exists) say(`The group "${group}" was added.`);
			else if (note !== undefined) say(`The group "${group}" has a new note.`);
			for (const user of users) say(`The user "${user}" is in the group "${group}".`);
		});
	},
};
