/** The part of Node-RED's embedding interface that the runtime uses. The published types leave most of it open. */

import type { EventEmitter } from "node:events";
import { createRequire } from "node:module";
import type { FlowNode } from "./flows";
import type { LogEntry } from "./log";
import type { NodeRedInstallation } from "./node-red-installation";
import type { NodeCredentials } from "./secrets/node-red-credentials";

/** A loaded Node-RED. There is one in a process, and it cannot be started again after `stop`. */
export interface NodeRed {
	init(settings: NodeRedSettings): void;
	/** Resolves when the node files are loaded; the event `flows:started` tells when the flows run. */
	start(): Promise<void>;
	stop(): Promise<void>;
	readonly events: EventEmitter;
	readonly nodes: {
		/** @returns `undefined` for a type that no loaded file has registered */
		getType(type: string): unknown;
		/** @returns `null` when no such node runs */
		getNode(id: string): unknown;
	};
	readonly hooks: {
		/** @param name hook and, behind a dot, whose it is */
		add(name: "onReceive.flowbroker", handler: (event: ReceiveEvent) => void): void;
	};
	readonly runtime: {
		readonly flows: {
			/** Resolves when the old flows have stopped. */
			setFlows(request: DeployRequest): Promise<unknown>;
		};
		readonly nodes: { getNodeList(request: object): Promise<readonly NodeSet[]> };
	};
}

/** A message is about to reach a node. */
export interface ReceiveEvent {
	readonly destination: { readonly node: { readonly id: string; readonly type: string; readonly _alias?: string } };
}

/** `nodes`: only nodes that have changed are made anew. */
export type DeploymentType = "full" | "nodes";

export interface DeployRequest {
	/** With `credentials`, those take the place of what Node-RED had for the same nodes. */
	readonly flows: { readonly flows: readonly FlowNode[]; readonly credentials: NodeCredentials };
	readonly deploymentType: DeploymentType;
}

/** One node file. */
export interface NodeSet {
	/** Package and name, for example `node-red/inject`. */
	readonly id: string;
	/** Why it did not load. */
	readonly err?: unknown;
}

/** Payload of the event `runtime-event` with the id `runtime-state`. */
export interface RuntimeState {
	/** Why the flows were not started. */
	readonly error?: string;
	/** With the error `missing-types`. */
	readonly types?: readonly string[];
	/** With the error `missing-modules`. */
	readonly modules?: readonly { readonly module: string; readonly error: string }[];
}

/** The settings that the runtime gives to Node-RED, as in its settings.js. */
export interface NodeRedSettings {
	readonly httpAdminRoot: false;
	readonly httpNodeRoot: false;
	readonly disableEditor: true;
	readonly userDir?: string;
	readonly nodesDir: readonly string[];
	readonly nodesExcludes: readonly string[];
	/** Milliseconds that a node may take to close. */
	readonly nodeCloseTimeout: number;
	readonly storageModule: object;
	readonly credentialSecret: false;
	readonly telemetry: { readonly enabled: false };
	readonly externalModules: object;
	readonly logging: Record<string, LoggerSettings>;
}

interface LoggerSettings {
	readonly level: "trace" | "info";
	readonly metrics: false;
	readonly audit: false;
	readonly handler: () => (entry: LogEntry) => void;
}

/** Loads an installed Node-RED. */
export function loadNodeRed(installation: NodeRedInstallation): NodeRed {
	return createRequire(__filename)(installation.folder) as NodeRed;
}

/** The part of Node-RED's registry that its embedding interface leaves out. */
export interface NodeRedRegistry {
	/** Rejects with a list of `{module, error}` for the npm packages that Function nodes need and that are not there. */
	checkFlowDependencies(nodes: readonly FlowNode[]): Promise<void>;
	/** Gives the constructor of a type whenever a node is to be made. Node-RED calls it through this object. */
	get(type: string): unknown;
}

/** Gives the registry of a loaded Node-RED, the one that its runtime uses. */
export function loadRegistry({ folder }: NodeRedInstallation): NodeRedRegistry {
	const runtime = createRequire(`${folder}/package.json`).resolve("@node-red/runtime");
	return createRequire(runtime)("@node-red/registry") as NodeRedRegistry;
}
