/** `flowbroker run`: runs exported flow files without the editor. */

import { resolve } from "node:path";
import { FlowbrokerError } from "../../broker";
import type { Command, CommandCall } from "../command";
import { configOption, resolveSettings } from "../config/resolve";
import { prepareDataFolder } from "../data-folder";
import { FlowRunner } from "../flow-runner";
import { type HttpOptions, httpOptions, readHttpOptions } from "../http-options";
import { type LogLevel, logLevels } from "../log";
import { onReloadSignal } from "../process-events";
import { Reloads } from "../reloads";
import { type LogFormat, RunOutput } from "../run-output";
import { type FlowSources, readRunnableFlow } from "../runnable-flow";
import { runUntilStopped } from "../running";
import { refusedSecrets, secretOptions, secretSourcesOf } from "../secrets/sources";
import { WatchedFiles } from "../watched-files";

export const run: Command = {
	name: "run",
	summary: "run flow files",
	usage: "FILE... [options]",
	help: `Runs flow files as the Node-RED editor exports them, without the editor, until Ctrl-C
or SIGTERM. Several files are merged into one flow. Nothing is written without --data.

With --watch, and on SIGHUP, changed files are read again: only the nodes that have changed are made anew, and
clients of the broker stay connected. A file with a mistake changes nothing.

What is not said here is taken from environment variables, then from the configuration file;
"flowbroker config show" tells what is in force.`,
	options: {
		port: { value: "N", help: `port for the flow, which reads it as \${FLOWBROKER_PORT} (default: 1883)` },
		data: { value: "DIR", help: "folder for stored data and for more Node-RED packages" },
		...secretOptions,
		...httpOptions,
		watch: { help: "run changed files as soon as they are saved" },
		log: { value: "FORMAT", help: "text (default) or json: one object a line" },
		"log-level": { value: "LEVEL", help: `${logLevels.join(", ")} (default: warn, with the Debug nodes)` },
		verbose: { help: "show all that Node-RED logs" },
		...configOption,
	},
	refused: refusedSecrets,
	run: runFlows,
};

/** What the call, the environment and the configuration file ask for. */
interface RunOptions extends FlowSources {
	readonly port: string;
	readonly watch: boolean;
	readonly format: LogFormat;
	readonly level: LogLevel;
}

async function runFlows(call: CommandCall): Promise<number> {
	const resolved = resolveSettings(call, process.env).call;
	const options = parseOptions(resolved);
	const output = new RunOutput(options.files, options);
	try {
		await runWith(options, await readHttpOptions(resolved, process.env), output);
		return 0;
	} catch (error) {
		return output.failed(error);
	}
}

async function runWith(options: RunOptions, http: HttpOptions | undefined, output: RunOutput): Promise<void> {
	const { dataFolder, watch, level } = options;
	// What changes from here on, while the flow starts, is run when it has started.
	const reloads = new Reloads();
	const watched = new WatchedFiles(filesToWatch(options), {
		changed: () => reloads.request(),
		problem: (sentence) => output.warn(sentence),
	});
	onReloadSignal(() => reloads.request());
	if (watch) await watched.open();
	try {
		const flow = await readRunnableFlow(options);
		output.hide(flow.credentials);
		if (dataFolder !== undefined) await prepareDataFolder(dataFolder);
		process.env.FLOWBROKER_PORT = options.port;
		const verbose = level === "debug" || level === "trace";
		const runner = new FlowRunner(flow, { dataFolder, verbose, allCoreNodes: watch, onLog: output.log });
		let started = false;
		// Express is only loaded where it is wanted.
		const server =
			http &&
			new (await import("../http-server.js")).HttpServer(http, {
				brokers: () => runner.brokers(),
				started: () => started,
				onFault: (error) => output.refused(error, "The admin API failed."),
			});
		const start = async () => {
			for (const warning of flow.warnings) output.warn(warning);
			const address = await server?.open();
			output.announce(await runner.start(), flow.nodes, address);
			started = true;
			reloads.begin(() => reload(runner, options, output));
		};
		const stop = async () => {
			await server?.close();
			await runner.stop();
		};
		await runUntilStopped(start, stop);
	} finally {
		watched.close();
	}
}

/** Never rejects: what runs goes on running. */
async function reload(runner: FlowRunner, options: RunOptions, output: RunOutput): Promise<void> {
	try {
		const flow = await readRunnableFlow(options);
		output.hide(flow.credentials);
		await runner.replace(flow);
		for (const warning of flow.warnings) output.warn(warning);
	} catch (error) {
		output.refused(error, "The changed flow is not used; what ran before goes on running.");
		return;
	}
	try {
		await runner.listeners();
		output.reloaded();
	} catch (error) {
		output.refused(error, "The changed flow runs, but for what is said above.");
	}
}

function filesToWatch({ files, secrets }: RunOptions): string[] {
	const secretFiles = [secrets.secretsFile, secrets.credentialsFile].filter((file) => file !== undefined);
	return [...files, ...secretFiles];
}

/** @param call with the environment and the configuration file in it, all checked */
function parseOptions(call: CommandCall): RunOptions {
	const { files, values, switches } = call;
	if (files.length === 0) throw new FlowbrokerError("USAGE", "Name a flow file to run. See: flowbroker help run");
	return {
		files,
		port: values.port ?? "",
		dataFolder: values.data === undefined ? undefined : resolve(values.data),
		secrets: secretSourcesOf(call, process.env),
		watch: switches.has("watch"),
		format: values.log as LogFormat,
		level: values["log-level"] as LogLevel,
	};
}
