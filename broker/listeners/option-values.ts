/** Readers for settings that listeners need besides those of parse.ts. */

import { invalid, show } from "../parse";

/** A text that no message may show, kept to the last blank. @throws FlowbrokerError OPTION_INVALID */
export function secret(value: unknown, path: string): string {
	if (typeof value === "string" && value !== "") return value;
	throw invalid(path, "must be a text that is not empty");
}

/** A list with at least one entry. @param entry checks one, and gets its path */
export function listOf<Entry>(value: unknown, path: string, entry: (value: unknown, path: string) => Entry): Entry[] {
	if (!Array.isArray(value) || value.length === 0) {
		throw invalid(path, `must be a list with at least one entry, not ${show(value)}`);
	}
	return value.map((one, at) => entry(one, `${path}[${at}]`));
}

/** `{ [name]: check(value) }` when there is a value, else nothing: a setting that is not given has no key. */
export function given<Name extends string, Value>(
	settings: Record<string, unknown>,
	prefix: string,
	name: Name,
	check: (value: unknown, path: string) => Value,
): { [key in Name]?: Value } {
	const value = settings[name];
	if (value === undefined) return {};
	return { [name]: check(value, `${prefix}${name}`) } as { [key in Name]?: Value };
}
