/** `flowbroker group`: rules for several users at once. */

import type { CommandGroup } from "../command-group";
import { addGroup } from "./group/add";
import { listGroups } from "./group/list";
import { removeGroup } from "./group/remove";

export const group: CommandGroup = {
	name: "group",
	summary: "add, list and remove groups of users",
	commands: [addGroup, removeGroup, listGroups],
};
