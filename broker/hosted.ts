/** What a Node-RED config node that runs a broker shows to others in the process (headless runtime, editor plugin). */

import type { Broker } from "./broker";

export interface HostedBroker {
	/** `undefined` before the first start and for a node that runs no broker here. */
	readonly broker: Broker | undefined;
	/**
	 * Resolves when every listener was tried: look at `broker.listeners` for those that are down.
	 * Rejects with a FlowbrokerError when the settings are wrong.
	 */
	readonly started: Promise<void>;
}

/**
 * Event of Node-RED by which the editor plugin asks the config node's half to try a connection: whoever listens calls
 * `answer` once. Nodes have no HTTP routes of their own, and the plugin does not know how to connect.
 */
export const CONNECTION_TEST_EVENT = "flowbroker:test-connection";

/** The settings in an open form, which may not be stored yet. */
export interface ConnectionTestRequest {
	/** Of the config node. */
	readonly id: string;
	readonly properties: Readonly<Record<string, unknown>>;
	/** `password` is absent where it was not typed anew. */
	readonly login: { readonly user?: string; readonly password?: string };
}

export interface ConnectionTestResult {
	/** As a URL, without user and password. */
	readonly server: string;
	/** Until the broker had let us in. */
	readonly milliseconds: number;
}

export type AnswerConnectionTest = (result: Promise<ConnectionTestResult>) => void;
