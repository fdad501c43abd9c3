/** `flowbroker group remove`: removes a group, or takes users out of one. */

import { FlowbrokerError } from "../../../broker";
import type { Command } from "../../command";
import { locationOptions, locationUsage } from "../common/location";
import { say } from "../common/print";
import { withAccess } from "../common/with-access";
import { usage } from "../common/words";
import { withoutMembers } from "./members";

export const removeGroup: Command = {
	name: "group remove",
	summary: "remove a group, or take users out of one",
	usage: `GROUP [USER...] ${locationUsage}`,
	help: `With users named, takes these out of the group, which stays. Without, removes the group and its rules; its
users stay.`,
	options: locationOptions,
	examples: [
		"flowbroker group remove family meera --data /home/pi/home",
		"flowbroker group remove family --data /home/pi/home",
	],
	run: (call) =>
		withAccess(call, "refuse", async ({ store }) => {
			const [group, ...users] = call.files;
			if (group === undefined) throw usage("Say the name of the group.", "group remove");
			if (users.length === 0) {
				await store.removeGroup(group);
				return say(`The group "${group}" was removed.`);
			}
			for (const name of users) requireMember(store.user(name)?.groups, name, group);
			await store.update((document) => withoutMembers(document, group, users));
			for (const user of users) say(`The user "${user}" is not in the group "${group}" any more.`);
		}),
};

/** @param groups of the user; `undefined` when there is no such user, which the change itself tells */
function requireMember(groups: readonly string[] | undefined, user: string, group: string): void {
	if (groups === undefined || groups.includes(group)) return;
	const sentence = `The user "${user}" is not in a group "${group}": nothing was changed.`;
	throw new FlowbrokerError("GROUP_UNKNOWN", sentence);
}
