/** The configuration file that `flowbroker init` writes: every setting with what it is for, most of them in comments. */

import { schemaAddress } from "./schema";
import { settings } from "./settings";

/** What the file begins with. */
const title = "Settings of flowbroker run. An environment variable overrides a line here, an option overrides both.";

/** Key -> value of the settings that are not to be comments. */
export type Chosen = Readonly<Record<string, unknown>>;

/** In YAML, with values that are JSON too. */
export function firstYaml(chosen: Chosen): string {
	const lines = entries(chosen).flatMap(({ about, key, value, isComment }) => [
		`# ${about}`,
		`${isComment ? "#" : ""}${key}: ${JSON.stringify(value)}`,
		"",
	]);
	return [
		`# ${title}`,
		"# Lets editors check and complete what you type:",
		`# yaml-language-server: $schema=${schemaAddress}`,
		"",
		...lines,
	].join("\n");
}

/** In JSON with comments. */
export function firstJson(chosen: Chosen): string {
	const lines = entries(chosen).flatMap(({ about, key, value, isComment }) => [
		`\t// ${about}`,
		`\t${isComment ? "// " : ""}${JSON.stringify(key)}: ${JSON.stringify(value)},`,
		"",
	]);
	return [
		`// ${title}`,
		"{",
		...lines,
		"\t// Lets editors check and complete what you type.",
		`\t"$schema": ${JSON.stringify(schemaAddress)}`,
		"}",
		"",
	].join("\n");
}

function entries(chosen: Chosen) {
	return settings.map(({ key, option, variable, help, example }) => {
		const places = [...(option === undefined ? [] : [`--${option}`]), variable].join(", ");
		const value = chosen[key];
		return { about: `${help} (${places})`, key, value: value ?? example, isComment: value === undefined };
	});
}
