/** A listener for MQTT over plain TCP. */

import { createServer, type Server } from "node:net";
import { FlowbrokerError } from "../errors";
import type { ListenerOptions } from "../options";
import type { ConnectionHandler, Listener, ListenerState } from "./listener";

export class TcpListener implements Listener {
	readonly #options: ListenerOptions;
	readonly #handle: ConnectionHandler;
	#server: Server | undefined;
	#state: ListenerState;

	constructor(options: ListenerOptions, handle: ConnectionHandler) {
		this.#options = options;
		this.#handle = handle;
		const { name, kind, host, port } = options;
		this.#state = { name, kind, host, port, up: false, error: undefined };
	}

	get state(): ListenerState {
		return this.#state;
	}

	async open(): Promise<void> {
		const { host, port } = this.#options;
		const server = createServer({ noDelay: true }, (socket) => this.#handle(socket, this.#state));
		try {
			await new Promise<void>((resolve, reject) => {
				server.once("error", reject);
				server.listen({ host, port }, resolve);
			});
		} catch (cause) {
			const error = whyNotOpen(cause, host, port);
			this.#state = { ...this.#state, up: false, error };
			throw error;
		}
		server.removeAllListeners("error");
		// After listening only an accept can fail (too many open files): the next one may work again.
		server.on("error", () => {});
		this.#server = server;
		const address = server.address();
		const actual = typeof address === "object" && address ? address.port : port;
		this.#state = { ...this.#state, port: actual, up: true, error: undefined };
	}

	async close(): Promise<void> {
		const server = this.#server;
		this.#server = undefined;
		this.#state = { ...this.#state, up: false, error: undefined };
		if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
	}
}

/** Turns the operating system's code into a sentence with the remedy. */
function whyNotOpen(cause: unknown, host: string, port: number): FlowbrokerError {
	const code = (cause as NodeJS.ErrnoException).code;
	switch (code) {
		case "EADDRINUSE":
			return new FlowbrokerError(
				"PORT_IN_USE",
				`Port ${port} on ${host} is already in use by another program (often Mosquitto, or a second broker node). ` +
					"Stop that program or choose another port.",
				cause,
			);
		case "EACCES":
			return new FlowbrokerError(
				"PORT_FORBIDDEN",
				`The operating system does not allow this user to listen on port ${port}. Choose a port above 1023.`,
				cause,
			);
		case "EADDRNOTAVAIL":
		case "ENOTFOUND":
			return new FlowbrokerError(
				"ADDRESS_UNKNOWN",
				`This machine has no address ${host}. Use 127.0.0.1 for this machine only, or 0.0.0.0 for the whole network.`,
				cause,
			);
		default:
			return new FlowbrokerError(
				"LISTENER_FAILED",
				`Port ${port} on ${host} could not be opened: ${(cause as Error).message}.`,
				cause,
			);
	}
}
