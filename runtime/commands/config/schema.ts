/** `flowbroker config schema`: prints the JSON schema of the configuration file. */

import type { Command } from "../../command";
import { configSchema } from "../../config/schema";
import { sayJson } from "../common/print";
import { noWords } from "../common/words";

export const showConfigSchema: Command = {
	name: "config schema",
	summary: "print the JSON schema of the configuration file",
	usage: "",
	help: "Prints the JSON schema of flowbroker.yaml and flowbroker.json, with which editors check and complete what you type.",
	options: {},
	run: async (call) => {
		noWords(call, "config schema");
		sayJson(configSchema());
	},
};
