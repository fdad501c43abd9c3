#!/usr/bin/env node
/** The `flowbroker` command. */

import { parseCall, table } from "./command";
import { type CommandEntry, commandMissing, findEntry, helpOfEntry, isGroup } from "./command-group";
import { access } from "./commands/access";
import { certs } from "./commands/certs";
import { check } from "./commands/check";
import { config } from "./commands/config";
import { convert } from "./commands/convert";
import { deploy } from "./commands/deploy";
import { group } from "./commands/group";
import { health } from "./commands/health";
import { importConf } from "./commands/import";
import { init } from "./commands/init";
import { install } from "./commands/install";
import { pub } from "./commands/pub";
import { rule } from "./commands/rule";
import { run } from "./commands/run";
import { secrets } from "./commands/secrets";
import { service } from "./commands/service";
import { store } from "./commands/store";
import { sub } from "./commands/sub";
import { user } from "./commands/user";
import { reportError } from "./output";
import { packageRoot, readPackageFile } from "./package";

const commands: readonly CommandEntry[] = [
	init,
	run,
	check,
	install,
	deploy,
	service,
	health,
	config,
	secrets,
	convert,
	importConf,
	user,
	group,
	rule,
	access,
	certs,
	store,
	pub,
	sub,
];

/**
 * @param args what follows `flowbroker` on the command line
 * @returns the exit code
 */
async function main(args: readonly string[]): Promise<number> {
	const [first, ...words] = args;
	if (first === "--version") return print(readPackageFile(packageRoot).version);
	if (isHelp(first) || (first === "help" && words.length === 0)) return print(overview());
	if (first === "help") return print(helpOfEntry(findEntry(commands, words).entry));
	const { entry, rest } = findEntry(commands, args);
	if (isGroup(entry)) {
		if (isHelp(rest[0])) return print(helpOfEntry(entry));
		throw commandMissing(entry);
	}
	const call = parseCall(entry, rest);
	if (call === "help") return print(helpOfEntry(entry));
	const exit = await entry.run(call);
	return typeof exit === "number" ? exit : 0;
}

function isHelp(word: string | undefined): boolean {
	return word === "--help" || word === "-h";
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

/** @returns the exit code */
function print(text: string): number {
	process.stdout.write(`${text}\n`);
	return 0;
}

main(process.argv.slice(2)).then(
	// Something in a flow may still hold the process: what was asked for is done.
	(exit) => process.exit(exit),
	(error: unknown) => {
		const report = reportError(error, process.argv.includes("--verbose"));
		process.stderr.write(`${report.text}\n`);
		process.exit(report.exit);
	},
);
