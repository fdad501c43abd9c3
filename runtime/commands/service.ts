/** `flowbroker service`: runs a flow under systemd. */

import type { CommandGroup } from "../command-group";
import { installService } from "./service/install";
import { serviceStatus } from "./service/status";
import { uninstallService } from "./service/uninstall";

export const service: CommandGroup = {
	name: "service",
	summary: "run a flow as a service of systemd",
	commands: [installService, uninstallService, serviceStatus],
};
