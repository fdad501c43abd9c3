/** `flowbroker config`: the settings and where they come from. */

import type { CommandGroup } from "../command-group";
import { showConfigSchema } from "./config/schema";
import { showConfig } from "./config/show";

export const config: CommandGroup = {
	name: "config",
	summary: "show the settings of run, and where each comes from",
	commands: [showConfig, showConfigSchema],
};
