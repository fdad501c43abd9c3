/** `flowbroker run`: runs exported flow files without the editor. */

import { resolve } from "node:path";
import { FlowbrokerError } from "../../broker";
import type { Command, CommandCall } from "../command";
import { prepareDataFolder } from "../data-folder";
import { FlowRunner } from "../flow-runner";
import { httpOptions, readHttpOptions } from "../http-options";
import { onReloadSignal } from "../process-events";
import { Reloads } from "../reloads";
import { RunOutput } from "../run-output";
import { type FlowSources, readRunnableFlow } from "../runnable-flow";
import { runUntilStopped } from "../running";
import { refusedSecrets, secretOptions } from "../secrets/sources";
import { WatchedFiles } from "../watched-files";

/** The port of the flow's broker when nobody names another: the one registered for MQTT. */
const defaultPort = "1883";

export const run: Command = {
	name: "run",
	summary: "run flow files",
	usage: "FILE... [options]",
	help: `Runs flow files as the Node-RED editor exports them, without the editor, until Ctrl-C
or SIGTERM. Several files are merged into one flow. Nothing is written without --data.

With --watch, and on SIGHUP, changed files are read again: only the nodes that have changed are made anew, and
clients of the broker stay connected. A file with a mistake changes nothing.`,
	options: {
		port: { value: "N", help: `port for the flow, which reads it as \${FLOWBROKER_PORT} (default: ${defaultPort})` },
		data: { value: "DIR", help: "folder for stored data and for more Node-RED packages" },
		...secretOptions,
		...httpOptions,
		watch: { help: "run changed files as soon as they are saved" },
		verbose: { help: "show all that Node-RED logs" },
	},
	refused: refusedSecrets,
	run: runFlows,
};

/** What the call asks for, checked. */
interface RunOptions extends FlowSources {
	readonly port: string;
	readonly watch: boolean;
	readonly verbose: boolean;
}

async function runFlows(call: CommandCall): Promise<void> {
	const options = parseOptions(call);
	const http = await readHttpOptions(call, process.env);
	const output = new RunOutput(options.files, options.verbose);
	const flow = await readRunnableFlow(options);
	output.hide(flow.credentials);
	if (options.dataFolder !== undefined) await prepareDataFolder(options.dataFolder);
	process.env.FLOWBROKER_PORT = options.port;
	const { dataFolder, verbose, watch } = options;
	const runner = new FlowRunner(flow, { dataFolder, verbose, allCoreNodes: watch, onLog: output.log });
	const reloads = new Reloads(() => reload(runner, options, output));
	const watched = new WatchedFiles(filesToWatch(options), {
		changed: () => reloads.request(),
		problem: (sentence) => output.warn(sentence),
	});
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
		onReloadSignal(() => reloads.request());
		if (watch) await watched.open();
	};
	const stop = async () => {
		watched.close();
		await server?.close();
		await runner.stop();
	};
	try {
		await runUntilStopped(start, stop);
	} catch (error) {
		throw output.redacted(error);
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

function parseOptions({ files, values, switches }: CommandCall): RunOptions {
	if (files.length === 0) throw new FlowbrokerError("USAGE", "Name a flow file to run. See: flowbroker help run");
	if (values.port !== undefined && !(/^\d{1,5}$/.test(values.port) && Number(values.port) <= 65_535)) {
		throw new FlowbrokerError(
			"USAGE",
			`--port ${values.port} is no port: give a number from 1 to 65535, or 0 for any free port.`,
		);
	}
	if (values.data === "") throw new FlowbrokerError("USAGE", "--data needs the name of a folder.");
	return {
		files,
		port: values.port ?? (process.env.FLOWBROKER_PORT || defaultPort),
		dataFolder: values.data === undefined ? undefined : resolve(values.data),
		secrets: {
			secretsFile: values.secrets,
			credentialsFile: values.credentials,
			credentialSecretFile: values["credential-secret"],
			environment: process.env,
		},
		watch: switches.has("watch"),
		verbose: switches.has("verbose"),
	};
}
