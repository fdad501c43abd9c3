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
