/** `flowbroker config show`: prints what is in force for `flowbroker run`, and who said so. */

import type { Command, CommandCall } from "../../command";
import { resolveSettings } from "../../config/resolve";
import { secretVariable } from "../../secrets/node-red-credentials";
import { formatOption, sayJson, sayTable, wantsJson } from "../common/print";
import { run } from "../run";

/** Variables that hold a secret themselves. */
const secretVariables = [secretVariable, "FLOWBROKER_TOKEN"];

const mask = "***";

export const showConfig: Command = {
	name: "config show",
	summary: "print what is in force, and where each value comes from",
	usage: "[FILE...] [options]",
	help: `Prints the settings that "flowbroker run" would have with the same options: from the command line, else from the
environment, else from the configuration file, else the default. Secrets are masked.`,
	options: { ...run.options, ...formatOption },
	run: show,
};

async function show(call: CommandCall): Promise<void> {
	const { settings } = resolveSettings(call, process.env);
	const secrets = secretVariables.filter((name) => process.env[name]);
	const rows = [
		...settings.map(({ setting, value, from }) => ({ setting: setting.key, value: value ?? null, from })),
		...secrets.map((name) => ({ setting: name, value: mask, from: name })),
	];
	if (wantsJson(call)) return sayJson(rows);
	const text = (value: string | readonly string[] | null) => (value === null ? "-" : [value].flat().join(" "));
	const cells = rows.map(({ setting, value, from }) => [setting, text(value), value === null ? "-" : from]);
	sayTable(["setting", "value", "from"], cells, "");
}
