/** The embedded broker: listeners, access and engine put together, with one place that tells what happens. */

import type { EventEmitter } from "node:events";
import type { AccessControl, SessionAccess } from "./access/access";
import type { BrokerEventMap, BrokerState, ClientInfo } from "./events";
import type { ListenerState } from "./listeners/listener";
import type { LocalClient } from "./local-client";
import type { Message } from "./message";
import type { BrokerOptions } from "./options";

/** A broker in this process. */
export interface Broker {
	readonly state: BrokerState;
	readonly options: BrokerOptions;
	readonly events: EventEmitter<BrokerEventMap>;
	readonly listeners: readonly ListenerState[];
	/**
	 * Resolves when every listener was tried. One that can't be opened does not stop the others: it is down in
	 * `listeners`, with its error, and is tried again until it opens.
	 */
	start(): Promise<void>;
	/** Disconnects all clients and frees every port. May be called at any time, also during start. */
	stop(): Promise<void>;
	/** A client inside this process. @param access its rights; default: everything, as the flow itself */
	localClient(name: string, access?: SessionAccess): LocalClient;
	clients(): ClientInfo[];
	/** @returns false when no such client is connected */
	disconnect(clientId: string): boolean;
	retained(filter: string): Promise<Message[]>;
}

/** What a broker is given besides its options. */
export interface BrokerDependencies {
	/** Who may do what; default: what `options.anonymous` says. */
	readonly access?: AccessControl;
}

/** Makes a broker that is stopped. @param options from `parseBrokerOptions` */
export function createBroker(_options: BrokerOptions, _dependencies: BrokerDependencies = {}): Broker {
	throw new Error("not written yet");
}
