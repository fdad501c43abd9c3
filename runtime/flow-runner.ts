/** Runs a flow in Node-RED, and replaces it by a changed one while it runs. */

import { FlowbrokerError, type ListenerState } from "../broker";
import type { AdminBroker } from "../broker/http";
import { adminBrokers, findBrokerNodes, startedListeners } from "./brokers";
import { markChanged } from "./changed-credentials";
import { unneededCoreFiles } from "./core-nodes";
import { findUnknownTypes, usedTypes } from "./flow-check";
import { Host } from "./host";
import type { LogEntry } from "./log";
import { checkModules } from "./missing-modules";
import type { NodeContext } from "./node-context";
import { loadNodeRed, loadRegistry } from "./node-red";
import { packageRoot } from "./package";
import type { RunnableFlow } from "./runnable-flow";

/** How the flow is run. */
export interface RunnerOptions {
	readonly dataFolder: string | undefined;
	readonly verbose: boolean;
	/** Load all of Node-RED's own nodes, because a changed flow may need others than the first. */
	readonly allCoreNodes: boolean;
	readonly onLog: (entry: LogEntry) => void;
	/** Told which node's code runs. */
	readonly context: NodeContext;
}

/** One flow in one Node-RED. `start` and `stop` go together; `replace` comes between them, one at a time. */
export class FlowRunner {
	readonly #host: Host;
	#flow: RunnableFlow;

	constructor(flow: RunnableFlow, { dataFolder, verbose, allCoreNodes, onLog, context }: RunnerOptions) {
		const nodeRed = loadNodeRed(flow.nodeRed);
		context.attach(nodeRed, loadRegistry(flow.nodeRed));
		this.#flow = flow;
		this.#host = new Host({
			nodeRed,
			packageRoot,
			dataFolder,
			excludedFiles: allCoreNodes ? [] : unneededCoreFiles(flow.installed.core, usedTypes(flow.nodes)),
			verbose,
			onLog,
		});
	}

	/** @returns the listeners of the flow's brokers, all of them up. @throws AggregateError or FlowbrokerError */
	async start(): Promise<ListenerState[]> {
		const failures = await this.#host.start();
		if (failures.length > 0) throw notLoaded(failures);
		// What the search of the files could not tell, Node-RED itself now can.
		const unknown = this.#unknownTypes(this.#flow);
		if (unknown.length > 0) throw notLoaded(unknown.map(({ message }) => message));
		await this.#host.deploy(this.#flow);
		return this.listeners();
	}

	/**
	 * Runs a changed flow: what has not changed goes on running. One that Node-RED does not start is taken back.
	 * @throws AggregateError or FlowbrokerError
	 */
	async replace(flow: RunnableFlow): Promise<void> {
		const missing = [...usedTypes(flow.nodes)].filter(
			(type) => !this.#host.hasType(type) && flow.installed.core.has(type),
		);
		const unknown = this.#unknownTypes(flow);
		if (missing.length > 0) throw restartNeeded(missing);
		if (unknown.length > 0) throw new AggregateError(unknown, "The flow can't be run.");
		await checkModules(loadRegistry(flow.nodeRed), flow.nodes);
		const before = this.#flow;
		try {
			await this.#host.deploy(markChanged(flow, before), "nodes");
		} catch (error) {
			await this.#host.deploy(markChanged(before, flow), "nodes");
			throw error;
		}
		this.#flow = flow;
	}

	/** Runs another flow in place of one that did not start. @throws FlowbrokerError */
	async fallBack(flow: RunnableFlow): Promise<void> {
		await this.#host.deploy(flow);
		this.#flow = flow;
	}

	/** The listeners of the flow's brokers, all of them up. @throws AggregateError for those that are not */
	listeners(): Promise<ListenerState[]> {
		return startedListeners(findBrokerNodes(this.#flow.nodes), (id) => this.#host.getNode(id));
	}

	/** The flow's brokers, also those that do not run. */
	brokers(): AdminBroker[] {
		return adminBrokers(this.#flow.nodes, (id) => this.#host.getNode(id));
	}

	stop(): Promise<void> {
		return this.#host.stop();
	}

	#unknownTypes(flow: RunnableFlow): FlowbrokerError[] {
		const types = new Set([...usedTypes(flow.nodes)].filter((type) => this.#host.hasType(type)));
		return findUnknownTypes(flow, { ...flow.installed, types });
	}
}

function notLoaded(sentences: readonly string[]): AggregateError {
	const errors = sentences.map((sentence) => new FlowbrokerError("NODES_NOT_LOADED", sentence));
	return new AggregateError(errors, "The nodes of the flow can't be loaded.");
}

function restartNeeded(types: readonly string[]): FlowbrokerError {
	return new FlowbrokerError(
		"NODES_NOT_LOADED",
		`The flow now has nodes that were not loaded at the start (${types.join(", ")}). Start the command again; with --watch all nodes are loaded.`,
	);
}
