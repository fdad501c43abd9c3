/** What a command of `flowbroker` is, how its arguments are read, and how its help is written. */

import { type ParseArgsConfig, parseArgs } from "node:util";
import { FlowbrokerError } from "../broker";

/** An option of a command, written as `--name` or, with a value, as `--name VALUE`. */
export interface CommandOption {
	/** The word for the value in the help; an option without it is a switch. */
	readonly value?: string;
	/** One letter that stands for it: `o` lets people write `-o`. */
	readonly short?: string;
	readonly help: string;
}

/** What the user typed after the command's name. */
export interface CommandCall {
	/** The words that are no options: mostly files. */
	readonly files: readonly string[];
	readonly values: Readonly<Record<string, string | undefined>>;
	readonly switches: ReadonlySet<string>;
}

/** A command. One file in `commands/` and one line in the table of cli.ts, or of its group. */
export interface Command {
	/** The word, or the two words, behind `flowbroker`. */
	readonly name: string;
	/** One line for the list of commands. */
	readonly summary: string;
	/** The arguments as the help shows them. */
	readonly usage: string;
	/** Paragraphs that explain it. */
	readonly help: string;
	/** Whole command lines. */
	readonly examples?: readonly string[];
	readonly options: Readonly<Record<string, CommandOption>>;
	/** Options that people try and that must not be: name -> the sentence that says why. */
	readonly refused?: Readonly<Record<string, string>>;
	/** All its arguments but --help are given to it as `files`, unread: it has options that nothing else here has. */
	readonly readsOwnArguments?: true;
	/**
	 * Does the work. Resolves when all is done, with an exit code where 0 alone would not say what came out; a
	 * FlowbrokerError or an AggregateError of them tells what failed.
	 */
	run(call: CommandCall): Promise<void> | Promise<number>;
}

/** Every command has it. */
const helpOption = { help: "show this text" } as const satisfies CommandOption;

/**
 * Reads the arguments of a command.
 * @returns `"help"` when the user asks for the command's help
 * @throws FlowbrokerError USAGE
 */
export function parseCall(command: Command, args: readonly string[]): CommandCall | "help" {
	if (command.readsOwnArguments) {
		return args.includes("--help") ? "help" : { files: args, values: {}, switches: new Set() };
	}
	const { values, positionals } = parse(command, args);
	if (values.help === true) return "help";
	const entries = Object.entries(values);
	return {
		files: positionals,
		values: Object.fromEntries(entries.map(([name, value]) => [name, typeof value === "string" ? value : undefined])),
		switches: new Set(entries.filter(([, value]) => value === true).map(([name]) => name)),
	};
}

/** The text of `flowbroker help NAME`. */
export function helpOf(command: Command): string {
	const options = Object.entries({ ...command.options, help: helpOption } as Record<string, CommandOption>);
	const rows = options.map(([name, { value, short, help }]): [string, string] => [
		`${short ? `-${short}, ` : ""}--${name}${value ? ` ${value}` : ""}`,
		help,
	]);
	const examples = command.examples ? `\n\nExamples:\n${command.examples.map((line) => `  ${line}`).join("\n")}` : "";
	const call = `flowbroker ${command.name} ${command.usage}`.trimEnd();
	return `Usage: ${call}\n\n${command.help}\n\nOptions:\n${table(rows)}${examples}`;
}

/** Two columns, the first as wide as its longest entry. */
export function table(rows: readonly (readonly [string, string])[]): string {
	const width = Math.max(...rows.map(([left]) => left.length));
	return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n");
}

function parse(command: Command, args: readonly string[]) {
	const options: NonNullable<ParseArgsConfig["options"]> = { help: { type: "boolean", short: "h" } };
	for (const [name, { value, short }] of Object.entries(command.options)) {
		options[name] = { type: value ? "string" : "boolean", ...(short && { short }) };
	}
	for (const [name, why] of Object.entries(command.refused ?? {})) {
		if (args.some((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`)))
			throw new FlowbrokerError("USAGE", why);
	}
	try {
		return parseArgs({ args: [...args], options, allowPositionals: true });
	} catch (error) {
		// The first sentence of parseArgs says what is wrong; the rest is advice for programmers.
		const [what] = (error as Error).message.split(/\. |\.?\n/, 1);
		throw new FlowbrokerError("USAGE", `${what}. See: flowbroker help ${command.name}`, error);
	}
}
