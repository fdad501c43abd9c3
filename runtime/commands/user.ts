/** `flowbroker user`: who may log in. */

import type { CommandGroup } from "../command-group";
import { addUser } from "./user/add";
import { disableUser, enableUser } from "./user/enable";
import { listUsers } from "./user/list";
import { setPassword } from "./user/passwd";
import { removeUser } from "./user/remove";
import { showUser } from "./user/show";

export const user: CommandGroup = {
	name: "user",
	summary: "add, change, list and remove users",
	commands: [addUser, setPassword, removeUser, listUsers, showUser, enableUser, disableUser],
};
