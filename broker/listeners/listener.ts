/** What every kind of listener has in common. */

import type { Duplex } from "node:stream";
import type { Peer } from "../engine/engine";
import type { FlowbrokerError } from "../errors";
import type { ListenerKind } from "./listener-options";

/** The certificate that a listener shows. */
export interface ListenerCertificate {
	/** For people, as in `CN=pi.local`. */
	readonly subject: string;
	/** Last moment of its validity, in milliseconds since 1970. */
	readonly notAfter: number;
	/** Whole days until then; negative when it has expired. */
	readonly daysLeft: number;
}

/** How one listener is doing. */
export interface ListenerState {
	readonly name: string;
	readonly kind: ListenerKind;
	/** The bind address that was asked for; `localhost` for a socket file. */
	readonly host: string;
	/** The port in use; the one asked for while the listener is down; 0 for a socket file. */
	readonly port: number;
	/** The path that WebSockets are served on, where there is only one; or the socket file. */
	readonly path?: string;
	readonly up: boolean;
	/** Why it is down. While it is up: why a new certificate on the disk is not used. */
	readonly error: FlowbrokerError | undefined;
	/** tls and wss: once it was read. */
	readonly certificate?: ListenerCertificate;
}

/** Takes connections and hands them on. */
export interface Listener {
	readonly state: ListenerState;
	/** Resolves when the port is open, rejects with a {@link FlowbrokerError} that names port or file and remedy. */
	open(): Promise<void>;
	/** Resolves when the port is free again. Connections already handed on are not touched. */
	close(): Promise<void>;
}

/** Connections that were turned away before the engine saw them. */
export interface Refusal {
	/** Empty when it is not known. */
	readonly address: string;
	/** Name of the listener. */
	readonly listener: string;
	/** For people. */
	readonly reason: string;
	/** How many were turned away like this; a flood is told in one sum. */
	readonly count: number;
}

/** What listeners tell. */
export interface ListenerEvents {
	/** A connection on which MQTT may begin. */
	connection(connection: Duplex, peer: Peer): void;
	refused(refusal: Refusal): void;
	/** Another connection was turned away: called for each, at once. */
	turnedAway(): void;
	/** A listener came up, went down, or has another error. */
	changed(state: ListenerState): void;
}
