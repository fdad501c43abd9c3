/** `flowbroker run`: runs exported flow files without the editor. */

import { resolve } from "node:path";
import { FlowbrokerError } from "../../broker";
import type { Command, CommandCall } from "../command";
import { configOption, resolveSettings } from "../config/resolve";
import { httpOptions, readHttpOptions } from "../http-options";
import { type LogLevel, logLevels } from "../log";
import { type RunOptions, runFlow } from "../run-flow";
import { type LogFormat, RunOutput } from "../run-output";
import { refusedSecrets, secretOptions, secretSourcesOf } from "../secrets/sources";

/** Seconds, for flows that are deployed from outside. */
const usualRollback = 10;

export const run: Command = {
	name: "run",
	summary: "run flow files",
	usage: "FILE... [options]",
	help: `Runs flow files as the Node-RED editor exports them, without the editor, until Ctrl-C
or SIGTERM. Several files are merged into one flow. Nothing is written without --data.

With --watch, and on SIGHUP, changed files are read again: only the nodes that have changed are made anew, and
clients of the broker stay connected. A file with a mistake changes nothing. With --rollback, a new flow that fails
within the given seconds is replaced by the last one that worked, also when the process ended meanwhile.

What is not said here is taken from environment variables, then from the configuration file;
"flowbroker config show" tells what is in force.`,
	options: {
		port: { value: "N", help: `port for the flow, which reads it as \${FLOWBROKER_PORT} (default: 1883)` },
		data: { value: "DIR", help: "folder for stored data and for more Node-RED packages" },
		...secretOptions,
		...httpOptions,
		memory: { value: "MB", help: "end in good order when the process has more memory than this" },
		rollback: {
			value: "SECONDS",
			help: "take a new flow back that fails within this time; needs --data (default with --allow-deploy: 10)",
		},
		watch: { help: "run changed files as soon as they are saved" },
		log: { value: "FORMAT", help: "text (default) or json: one object a line" },
		"log-level": { value: "LEVEL", help: `${logLevels.join(", ")} (default: warn, with the Debug nodes)` },
		verbose: { help: "show all that Node-RED logs" },
		...configOption,
	},
	refused: refusedSecrets,
	run: runFlows,
};

async function runFlows(call: CommandCall): Promise<number> {
	const resolved = resolveSettings(call, process.env).call;
	const options = parseOptions(resolved);
	const output = new RunOutput(options.files, options);
	try {
		await runFlow(options, await readHttpOptions(resolved, process.env), output);
		return 0;
	} catch (error) {
		return output.failed(error);
	}
}

/** @param call with the environment and the configuration file in it, all checked */
function parseOptions(call: CommandCall): RunOptions {
	const { files, values, switches } = call;
	if (files.length === 0) throw new FlowbrokerError("USAGE", "Name a flow file to run. See: flowbroker help run");
	return {
		files,
		port: values.port ?? "",
		memory: values.memory === undefined ? undefined : Number(values.memory),
		rollback: rollbackOf(call),
		dataFolder: values.data === undefined ? undefined : resolve(values.data),
		secrets: secretSourcesOf(call, process.env),
		watch: switches.has("watch"),
		format: values.log as LogFormat,
		level: values["log-level"] as LogLevel,
	};
}

/** @throws FlowbrokerError USAGE */
function rollbackOf({ values: { rollback, data }, switches }: CommandCall): number | undefined {
	if (rollback === undefined) return switches.has("allow-deploy") ? usualRollback : undefined;
	if (data !== undefined) return Number(rollback);
	throw new FlowbrokerError("USAGE", "--rollback needs a folder for the last good flow: add --data DIR.");
}
