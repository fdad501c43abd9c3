/** `flowbroker run`: runs exported flow files without the editor. */

import { basename, resolve } from "node:path";
import { FlowbrokerError } from "../../broker";
import { describeListener, findBrokerNodes, startedListeners } from "../brokers";
import { type CheckedFlow, checkFlow } from "../checked-flow";
import type { Command, CommandCall } from "../command";
import { unneededCoreFiles } from "../core-nodes";
import { prepareDataFolder } from "../data-folder";
import { findUnknownTypes, usedTypes } from "../flow-check";
import type { FlowNode } from "../flows";
import { Host } from "../host";
import { type LogEntry, logLine } from "../log";
import { loadNodeRed } from "../node-red";
import { packageRoot } from "../package";
import { runUntilStopped } from "../running";

/** The port of the flow's broker when nobody names another: the one registered for MQTT. */
const defaultPort = "1883";

/** A comment node of this name is shown to whoever starts the flow in a terminal. */
const hintName = "Try this";
const hintLines = 12;

export const run: Command = {
	name: "run",
	summary: "run flow files",
	usage: "FILE... [options]",
	help: `Runs flow files as the Node-RED editor exports them, without the editor, until Ctrl-C
or SIGTERM. Several files are merged into one flow. Nothing is written without --data.`,
	options: {
		port: { value: "N", help: `port for the flow, which reads it as \${FLOWBROKER_PORT} (default: ${defaultPort})` },
		data: { value: "DIR", help: "folder for stored data and for more Node-RED packages" },
		verbose: { help: "show all that Node-RED logs" },
	},
	run: runFlows,
};

/** What the call asks for, checked. */
interface RunOptions {
	readonly files: readonly string[];
	readonly port: string;
	readonly dataFolder: string | undefined;
	readonly verbose: boolean;
}

async function runFlows(call: CommandCall): Promise<void> {
	const options = parseOptions(call);
	const flow = await checkFlow(options.files, options.dataFolder);
	if (options.dataFolder !== undefined) await prepareDataFolder(options.dataFolder);
	process.env.FLOWBROKER_PORT = options.port;
	const host = new Host({
		nodeRed: loadNodeRed(flow.nodeRed),
		packageRoot,
		dataFolder: options.dataFolder,
		excludedFiles: unneededCoreFiles(flow.installed.core, usedTypes(flow.nodes)),
		verbose: options.verbose,
		onLog: (entry) => writeLog(entry, options.verbose),
	});
	const start = async () => {
		await loadNodes(host, flow);
		await host.deploy(flow.nodes);
		const listeners = await startedListeners(findBrokerNodes(flow.nodes), (id) => host.getNode(id));
		announce(options.files, listeners.map(describeListener), flow.nodes);
	};
	await runUntilStopped(start, () => host.stop());
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
		verbose: switches.has("verbose"),
	};
}

/** @throws AggregateError with a FlowbrokerError NODES_NOT_LOADED for everything that is missing */
async function loadNodes(host: Host, flow: CheckedFlow): Promise<void> {
	const failures = await host.start();
	if (failures.length === 0) {
		// What the search of the files could not tell, Node-RED itself now can.
		const types = new Set([...usedTypes(flow.nodes)].filter((type) => host.hasType(type)));
		failures.push(...findUnknownTypes(flow, { ...flow.installed, types }).map((problem) => problem.message));
	}
	if (failures.length === 0) return;
	const errors = failures.map((sentence) => new FlowbrokerError("NODES_NOT_LOADED", sentence));
	throw new AggregateError(errors, "The nodes of the flow can't be loaded.");
}

function writeLog(entry: LogEntry, verbose: boolean): void {
	const line = logLine(entry, verbose);
	if (line) (line.problem ? process.stderr : process.stdout).write(`${line.text}\n`);
}

function announce(files: readonly string[], listeners: readonly string[], nodes: readonly FlowNode[]): void {
	const where = listeners.length === 0 ? "" : ` - ${listeners.join(", ")}`;
	const names = files.map((file) => basename(file)).join(", ");
	process.stdout.write(`flowbroker: ${names} is running${where} (Ctrl-C stops it)\n`);
	const hint = nodes.find((node) => node.type === "comment" && node.name === hintName)?.info;
	if (typeof hint === "string") process.stdout.write(`${hint.trim().split("\n").slice(0, hintLines).join("\n")}\n`);
}
