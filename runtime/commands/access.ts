/** `flowbroker access`: all users and rules of a broker at once. */

import type { CommandGroup } from "../command-group";
import { setAnonymous } from "./access/anonymous";
import { checkAccess } from "./access/check";
import { exportAccess } from "./access/export";
import { importAccess } from "./access/import";

export const access: CommandGroup = {
	name: "access",
	summary: "check users and rules, take them from Mosquitto and back",
	commands: [checkAccess, importAccess, exportAccess, setAnonymous],
};
