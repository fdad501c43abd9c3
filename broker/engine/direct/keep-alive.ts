/** Ends connections that were silent for one and a half times their keep alive. [MQTT-3.1.2-22] */

import type { WireProblem } from "../../wire";
import type { DirectClient } from "./client";

const SILENT: WireProblem = { reasonCode: 0x8d, text: "sent nothing for one and a half times its keep alive" };
/** Milliseconds between two looks, which is how exact it is. */
const LOOK_EVERY = 1_000;

export class KeepAlive {
	readonly #clients: () => Iterable<DirectClient>;
	#timer: NodeJS.Timeout | undefined;

	/** @param clients all that are connected */
	constructor(clients: () => Iterable<DirectClient>) {
		this.#clients = clients;
	}

	start(): void {
		this.#timer = setInterval(() => this.#look(), LOOK_EVERY).unref();
	}

	stop(): void {
		clearInterval(this.#timer);
	}

	#look(): void {
		for (const client of this.#clients()) {
			const { connection, keepalive } = client;
			// Not one second too early: the first may have been a short one.
			if (++connection.quiet > keepalive * 1.5 + 1) connection.refuse(SILENT);
		}
	}
}
