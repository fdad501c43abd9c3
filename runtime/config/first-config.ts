/** The configuration file that `flowbroker init` writes: every setting with what it is for, most of them in comments. */

import { schemaAddress } from "./schema";
import { settings } from "./settings";

/** @param chosen key -> value of the settings that are not to be comments */
export function firstConfig(chosen: Readonly<Record<string, unknown>>): string {
	const lines = settings.flatMap(({ key, option, variable, help, example }) => {
		const places = [...(option === undefined ? [] : [`--${option}`]), variable].join(", ");
		const value = chosen[key];
		const entry = `${JSON.stringify(key)}: ${JSON.stringify(value ?? example)},`;
		return [`\t// ${help} (${places})`, `\t${value === undefined ? "// " : ""}${entry}`, ""];
	});
	return [
		"// Settings of flowbroker run. An environment variable overrides a line here, an option overrides both.",
		"{",
		...lines,
		"\t// Lets editors check and complete what you type.",
		`\t"$schema": ${JSON.stringify(schemaAddress)}`,
		"}",
		"",
	].join("\n");
}
