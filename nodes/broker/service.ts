/** What a config node's settings bring to life: a broker in this process, or a connection to another one. */

import type { Broker, BrokerOptions, Denial, FileProblem, ListenerState } from "../../broker";
import type { FlowClient } from "../flow-client";
import type { HostState } from "../status";
import type { RemoteOptions } from "./remote/remote-options";

/** The settings, read and checked. */
export type BrokerSettings =
	| {
			readonly kind: "embedded";
			readonly options: BrokerOptions;
			/** Path on Node-RED's own HTTP server for MQTT over WebSocket. */
			readonly webPath?: string;
	  }
	| { readonly kind: "remote"; readonly options: RemoteOptions };

/** Something for the log, told once and not at every retry. */
export type HostReport =
	| { readonly listening: ListenerState }
	/** The name of the server. */
	| { readonly connected: string }
	| { readonly denied: Denial }
	| { readonly problem: FileProblem }
	| { readonly error: Error }
	/** A text of the catalogue, below `log`. */
	| { readonly warning: string; readonly values: Record<string, string | number> };

export interface ServiceWatcher {
	/** `client` or `state` is another one. */
	changed(): void;
	report(report: HostReport): void;
}

/** Ends and begins a connection when a flow asks for it. */
export interface ConnectionSwitch<Settings> {
	/**
	 * Resolves when connected. Without settings it does nothing while there is a connection.
	 * @param settings in place of those of the node, until they are others
	 * @param force end a connection that there is
	 * @throws FlowbrokerError ACTION_INVALID, or why the first attempt failed; the service goes on trying
	 */
	connect(settings: Settings | undefined, force: boolean): Promise<void>;
	disconnect(): Promise<void>;
}

export interface BrokerService {
	/** `undefined` for another broker. */
	readonly broker: Broker | undefined;
	/** `undefined` while there is nothing to publish to. */
	readonly client: FlowClient | undefined;
	readonly state: HostState;
	/** Only with a connection that can be ended and begun. */
	readonly connection?: ConnectionSwitch<RemoteOptions>;
	/** Told before the start, and whenever it is otherwise: does any node use it? Nobody needs a connection for nobody. */
	used?(isUsed: boolean): void;
	/** @throws FlowbrokerError */
	start(): Promise<void>;
	stop(): Promise<void>;
	/** A deploy is over: nodes that have not come back will not. */
	settle?(): void;
}

export type CreateService = (settings: BrokerSettings, watcher: ServiceWatcher) => BrokerService;
