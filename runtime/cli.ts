#!/usr/bin/env node
/** The `flowbroker` command. */

import { FlowbrokerError } from "../broker";
import { type Command, helpOf, parseCall, table } from "./command";
import { run } from "./commands/run";
import { reportError } from "./output";
import { packageRoot, readPackageFile } from "./package";

const commands: readonly Command[] = [run];

/** @param args what follows `flowbroker` on the command line */
async function main(args: readonly string[]): Promise<void> {
	const [first, ...rest] = args;
	if (first === "--version") return print(readPackageFile(packageRoot).version);
	if (first === "--help" || first === "-h" || (first === "help" && rest.length === 0)) return print(overview());
	if (first === "help") return print(helpOf(findCommand(rest[0])));
	const command = findCommand(first);
	const call = parseCall(command, rest);
	if (call === "help") return print(helpOf(command));
	await command.run(call);
}

function findCommand(name: string | undefined): Command {
	const command = commands.find((candidate) => candidate.name === name);
	if (command) return command;
	const kind = name?.startsWith("-") ? "option" : "command";
	const what = name === undefined ? "Name a command." : `There is no ${kind} "${name}".`;
	throw new FlowbrokerError("USAGE", `${what} See: flowbroker --help`);
}

function overview(): string {
	const list = table([
		...commands.map(({ name, summary }) => [name, summary] as const),
		["help COMMAND", "explain a command"],
	]);
	return `Usage: flowbroker COMMAND [options]

An MQTT broker and Node-RED flows without the editor.

Commands:
${list}

Options:
  --help     show this text
  --version  show the version`;
}

function print(text: string): void {
	process.stdout.write(`${text}\n`);
}

main(process.argv.slice(2)).then(
	// Something in a flow may still hold the process: what was asked for is done.
	() => process.exit(0),
	(error: unknown) => {
		const report = reportError(error, process.argv.includes("--verbose"));
		process.stderr.write(`${report.text}\n`);
		process.exit(report.exit);
	},
);
