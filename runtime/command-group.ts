/** Commands of two words, such as `flowbroker user add`, and finding a command by its words. */

import { FlowbrokerError } from "../broker";
import { type Command, helpOf, table } from "./command";

/** Commands with the same first word. One line in the table of cli.ts. */
export interface CommandGroup {
	/** The first word. */
	readonly name: string;
	/** One line for the list of commands. */
	readonly summary: string;
	/** Each has both words as its name. */
	readonly commands: readonly Command[];
}

export type CommandEntry = Command | CommandGroup;

/** A command, or a group of which no command was named, and the words behind it. */
export interface FoundEntry {
	readonly entry: CommandEntry;
	readonly rest: readonly string[];
}

export function isGroup(entry: CommandEntry): entry is CommandGroup {
	return "commands" in entry;
}

/** @throws FlowbrokerError USAGE */
export function findEntry(entries: readonly CommandEntry[], words: readonly string[]): FoundEntry {
	const [first, ...rest] = words;
	const entry = entries.find(({ name }) => name === first);
	if (!entry) {
		const kind = first?.startsWith("-") ? "option" : "command";
		const what = first === undefined ? "Name a command." : `There is no ${kind} "${first}".`;
		throw new FlowbrokerError("USAGE", `${what} See: flowbroker --help`);
	}
	const [second, ...more] = rest;
	if (!isGroup(entry) || second === undefined || second.startsWith("-")) return { entry, rest };
	const command = entry.commands.find(({ name }) => name === `${entry.name} ${second}`);
	if (command) return { entry: command, rest: more };
	throw new FlowbrokerError("USAGE", `There is no command "${entry.name} ${second}". ${seeGroup(entry)}`);
}

/** The text of `flowbroker help WORD` or `flowbroker help WORD WORD`. */
export function helpOfEntry(entry: CommandEntry): string {
	if (!isGroup(entry)) return helpOf(entry);
	const list = table([
		...entry.commands.map(({ name, summary }) => [name, summary] as const),
		[`help ${entry.name} COMMAND`, "explain a command"],
	]);
	return `Usage: flowbroker ${entry.name} COMMAND ...\n\nCommands:\n${list}`;
}

/** @returns the error for a group of which no command was named */
export function commandMissing(group: CommandGroup): FlowbrokerError {
	return new FlowbrokerError("USAGE", `Say what to do: ${namesOf(group)}. ${seeGroup(group)}`);
}

function namesOf({ name, commands }: CommandGroup): string {
	return commands.map((command) => command.name.slice(name.length + 1)).join(", ");
}

function seeGroup({ name }: CommandGroup): string {
	return `See: flowbroker help ${name}`;
}
