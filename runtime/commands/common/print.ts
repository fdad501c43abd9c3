/** Writes answers to the standard output, as text for people or as JSON for programs. */

import { FlowbrokerError } from "../../../broker";
import type { CommandCall, CommandOption } from "../../command";

export const formatOption = {
	format: { value: "FORMAT", help: "text (default) or json" },
} as const satisfies Record<string, CommandOption>;

/** @throws FlowbrokerError USAGE */
export function wantsJson({ values: { format = "text" } }: CommandCall): boolean {
	if (format === "text" || format === "json") return format === "json";
	throw new FlowbrokerError("USAGE", `--format ${format} is not known: say text or json.`);
}

/** One line. What stands in a file must not play tricks with the terminal. */
export function say(line: string): void {
	process.stdout.write(`${printable(line)}\n`);
}

/** One line that is no answer: a warning, a problem. */
export function warn(line: string): void {
	process.stderr.write(`${printable(line)}\n`);
}

export function sayJson(value: unknown): void {
	process.stdout.write(`${JSON.stringify(value, null, "\t")}\n`);
}

/** A table with a title for each column; nothing but `none` when there are no rows. */
export function sayTable(titles: readonly string[], rows: readonly (readonly string[])[], none: string): void {
	if (rows.length === 0) {
		say(none);
		return;
	}
	const lines = [titles.map((title) => title.toUpperCase()), ...rows.map((row) => row.map(printable))];
	const widths = titles.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
	for (const line of lines)
		say(
			line
				.map((cell, at) => cell.padEnd(widths[at] ?? 0))
				.join("  ")
				.trimEnd(),
		);
}

/** `1 rule`, `2 rules`. */
export function count(number: number, noun: string): string {
	return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function printable(text: string): string {
	return text.replace(/[\p{Cc}\p{Cf}]/gu, "\ufffd");
}
