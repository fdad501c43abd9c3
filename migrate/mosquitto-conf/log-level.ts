/** How much is logged, and where. */

import type { Options } from "./options";

/** Mosquitto's types of log lines, by the level that shows them. */
const levels: ReadonlyArray<readonly [level: string, types: readonly string[]]> = [
	["debug", ["all", "debug", "internal", "websockets"]],
	["info", ["information", "notice", "subscribe", "unsubscribe"]],
	["warn", ["warning"]],
	["error", ["error", "none"]],
];

/** @returns undefined where the file says nothing */
export function logLevelOf(options: Options): string | undefined {
	for (const line of options.all("log_dest")) {
		if (!/^(stdout|stderr|none)$/.test(line.value)) {
			options.leaveOut(line, "the log goes to the standard output, and from a service to the journal");
		}
	}
	const types = options.all("log_type").map(({ value }) => value);
	return levels.find(([, known]) => types.some((type) => known.includes(type)))?.[0];
}
