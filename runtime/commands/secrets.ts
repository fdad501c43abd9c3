/** `flowbroker secrets`: what a flow needs beside its file. */

import type { CommandGroup } from "../command-group";
import { secretsTemplateCommand } from "./secrets/template";

export const secrets: CommandGroup = {
	name: "secrets",
	summary: "list the secrets that a flow needs",
	commands: [secretsTemplateCommand],
};
