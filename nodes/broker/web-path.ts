/** MQTT over WebSocket on a path of Node-RED's own HTTP server. */

import type { Server } from "node:http";
import { type Broker, FlowbrokerError } from "../../broker";

export interface WebServer {
	readonly server: Server;
	/** What stands before every path, without slash at the end. */
	readonly root: string;
}

export class WebPath {
	readonly #path: string;
	readonly #web: WebServer | undefined;
	readonly #listener: ReturnType<Broker["webSocketPath"]>;

	/** @param path as in `/mqtt` */
	constructor(broker: Broker, path: string, web: WebServer | undefined) {
		this.#path = path;
		this.#web = web;
		// Who reaches Node-RED's server is not known here: clients need a user name.
		this.#listener = broker.webSocketPath({ name: "node-red" });
	}

	/** @throws FlowbrokerError LISTENER_FAILED where there is no such server */
	open(): void {
		if (!this.#web) {
			throw new FlowbrokerError(
				"LISTENER_FAILED",
				`MQTT on the path ${this.#path} needs Node-RED's own HTTP server, and there is none here. Use a port for WebSocket.`,
			);
		}
		this.#listener.attach(this.#web.server, `${this.#web.root}${this.#path}`);
	}

	close(): void {
		this.#listener.detach();
	}
}
