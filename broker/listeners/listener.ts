/** What every kind of listener has in common. */

import type { Socket } from "node:net";
import type { FlowbrokerError } from "../errors";

/** How one listener is doing. */
export interface ListenerState {
	readonly name: string;
	readonly kind: "tcp";
	/** The bind address that was asked for. */
	readonly host: string;
	/** The port in use; the one asked for while the listener is down. */
	readonly port: number;
	readonly up: boolean;
	/** Why it is down. */
	readonly error: FlowbrokerError | undefined;
}

/** Takes connections and hands them on. */
export interface Listener {
	readonly state: ListenerState;
	/** Resolves when the port is open, rejects with a {@link FlowbrokerError} that names port and remedy. */
	open(): Promise<void>;
	/** Resolves when the port is free again. Connections already handed on are not touched. */
	close(): Promise<void>;
}

export type ConnectionHandler = (socket: Socket, listener: ListenerState) => void;
