/** Runs Node-RED inside this process, without its editor and without writing anything. */

import { once } from "node:events";
import { FlowbrokerError } from "../broker";
import type { Deployment } from "./changed-credentials";
import { errorText } from "./error-text";
import type { LogEntry } from "./log";
import { missingModules } from "./missing-modules";
import type { DeploymentType, NodeRed, NodeRedSettings, RuntimeState } from "./node-red";

/** How long a node may take to close: a stop as a whole is promised within 5 seconds. */
const nodeCloseTimeoutMs = 4_000;

/** What a host is made of. */
export interface HostOptions {
	readonly nodeRed: NodeRed;
	/** The folder of this package, whose nodes are loaded. */
	readonly packageRoot: string;
	/** Node-RED's user directory. */
	readonly dataFolder: string | undefined;
	/** Base names of core node files that are not to be loaded. */
	readonly excludedFiles: readonly string[];
	readonly verbose: boolean;
	readonly onLog: (entry: LogEntry) => void;
}

/** One Node-RED. `start` and `stop` go together; `deploy` comes between them. */
export class Host {
	readonly #options: HostOptions;
	readonly #nodeRed: NodeRed;
	#loadingNothing = false;
	#started = false;
	#stopping = false;

	constructor(options: HostOptions) {
		this.#options = options;
		this.#nodeRed = options.nodeRed;
	}

	/**
	 * Loads the node files; no flow runs yet.
	 * @returns why files did not load, one sentence each
	 */
	async start(): Promise<string[]> {
		this.#nodeRed.init(settings(this.#options, this.#storage(), this.#log));
		// Node-RED starts the (still empty) flows only after `start` has resolved.
		const started = once(this.#nodeRed.events, "flows:started");
		await this.#nodeRed.start();
		await started;
		this.#loadingNothing = false;
		this.#started = true;
		const sets = await this.#nodeRed.runtime.nodes.getNodeList({});
		return sets.filter((set) => set.err).map((set) => `The nodes of ${set.id} could not be loaded: ${reason(set.err)}`);
	}

	/** Tells whether nodes of this type can be made. */
	hasType(type: string): boolean {
		return Boolean(this.#nodeRed.nodes.getType(type));
	}

	/** @returns the running node, or `null` when there is none, for example because it is disabled */
	getNode(id: string): unknown {
		return this.#nodeRed.nodes.getNode(id);
	}

	/**
	 * Replaces the flows. Resolves when all nodes are made.
	 * @param type `full` makes every node anew, `nodes` those that have changed
	 * @throws FlowbrokerError FLOW_NOT_STARTED
	 */
	async deploy(deployment: Deployment, type: DeploymentType = "full"): Promise<void> {
		if (this.#stopping) return;
		const outcome = new AbortController();
		try {
			const running = Promise.race([
				once(this.#nodeRed.events, "flows:started", { signal: outcome.signal }),
				this.#refusal(outcome.signal),
			]);
			await Promise.all([this.#setFlows(deployment, type), running]);
		} catch (error) {
			if (error instanceof FlowbrokerError) throw error;
			throw new FlowbrokerError("FLOW_NOT_STARTED", `Node-RED could not start the flow: ${reason(error)}`, error);
		} finally {
			outcome.abort();
		}
	}

	/** Lets every node close as if it were deleted from the flow, then stops Node-RED. May be called during start. */
	async stop(): Promise<void> {
		this.#stopping = true;
		// Nodes that leave something behind for later, such as an entity in Home Assistant, are not deleted in truth.
		if (this.#started) this.#nodeRed.events.emit("flowbroker:ending");
		if (this.#started) await this.#setFlows({ nodes: [], credentials: {} }, "full");
		await this.#nodeRed.stop();
	}

	/** Node-RED warns of missing credentials when it reads the empty flows from the storage: that helps nobody. */
	readonly #log = (entry: LogEntry): void => {
		const hidden = this.#loadingNothing && entry.type === undefined && !this.#options.verbose;
		if (!hidden && !isLoadReport(entry)) this.#options.onLog(entry);
	};

	/** A storage that keeps nothing. An object and not a class: Node-RED looks for own properties. */
	#storage(): object {
		return {
			init: async () => undefined,
			getFlows: async () => {
				this.#loadingNothing = true;
				return [];
			},
			saveFlows: async () => undefined,
			getCredentials: async () => ({}),
			saveCredentials: async () => undefined,
			getSettings: async () => ({}),
			saveSettings: async () => undefined,
			getLibraryEntry: async () => [],
			saveLibraryEntry: async () => undefined,
		};
	}

	#setFlows({ nodes, credentials }: Deployment, deploymentType: DeploymentType): Promise<unknown> {
		return this.#nodeRed.runtime.flows.setFlows({ flows: { flows: nodes, credentials }, deploymentType });
	}

	/** Rejects when Node-RED tells that it does not start the flows. */
	#refusal(signal: AbortSignal): Promise<never> {
		return new Promise((_resolve, reject) => {
			const listener = (event: { readonly id: string; readonly payload?: RuntimeState }) => {
				if (event.id === "runtime-state" && event.payload?.error) reject(refused(event.payload));
			};
			this.#nodeRed.events.on("runtime-event", listener);
			signal.addEventListener("abort", () => this.#nodeRed.events.off("runtime-event", listener));
		});
	}
}

function settings(options: HostOptions, storage: object, onLog: (entry: LogEntry) => void): NodeRedSettings {
	return {
		httpAdminRoot: false,
		httpNodeRoot: false,
		disableEditor: true,
		...(options.dataFolder === undefined ? {} : { userDir: options.dataFolder }),
		nodesDir: [options.packageRoot],
		nodesExcludes: options.excludedFiles,
		nodeCloseTimeout: nodeCloseTimeoutMs,
		storageModule: storage,
		credentialSecret: false,
		telemetry: { enabled: false },
		externalModules: { autoInstall: false, palette: { allowInstall: false }, modules: { allowInstall: false } },
		logging: {
			flowbroker: {
				level: options.verbose ? "trace" : "info",
				metrics: false,
				audit: false,
				handler: () => onLog,
			},
		},
	};
}

function refused(state: RuntimeState): FlowbrokerError {
	if (state.error === "missing-modules") return missingModules(state.modules ?? []);
	const why: Record<string, string> = {
		"missing-types": `the node types ${state.types?.join(", ")} are not installed.`,
	};
	const sentence = why[state.error ?? ""] ?? `${state.error}.`;
	return new FlowbrokerError("FLOW_NOT_STARTED", `Node-RED did not start the flow: ${sentence}`);
}

/** Node-RED's own framed list of files that did not load: {@link Host.start} tells the same in plain words. */
function isLoadReport(entry: LogEntry): boolean {
	if (entry.type !== undefined || typeof entry.msg !== "string") return false;
	return /^-{20,}$/.test(entry.msg) || /^\[(?:@[^\]\s/]+\/)?[^\]\s/@]+\/[^\]\s/]+\] /.test(entry.msg);
}

/** Only the first line: Node adds the files concerned to "Cannot find module". Some errors come as a text already. */
function reason(error: unknown): string {
	const [line = ""] = errorText(error).split("\n", 1);
	return line.replace(/^\w*Error: /, "");
}
