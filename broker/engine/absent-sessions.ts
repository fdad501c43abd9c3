/** Sessions of MQTT 3 clients that are away. MQTT 3 lets them wait for ever, and so does aedes; the broker does not. */

import { performance } from "node:perf_hooks";

/** Milliseconds between two looks for sessions whose time is over. */
const LOOK_EVERY = 60_000;
/** Seconds that mean for ever. [MQTT 5, 3.1.2.11.2] */
const FOR_EVER = 0xffff_ffff;

export class AbsentSessions {
	/** Since when, by client id, longest first. The clock is one that nobody sets. */
	readonly #since = new Map<string, number>();
	readonly #end: (clientId: string) => void;
	#timer: NodeJS.Timeout | undefined;

	/**
	 * @param seconds that a session may wait
	 * @param most sessions that may wait
	 * @param end the session is given up
	 */
	constructor(
		readonly seconds: number,
		readonly most: number,
		end: (clientId: string) => void,
	) {
		this.#end = end;
	}

	get count(): number {
		return this.#since.size;
	}

	start(): void {
		this.#timer = setInterval(() => this.#look(), LOOK_EVERY).unref();
	}

	stop(): void {
		clearInterval(this.#timer);
	}

	left(clientId: string): void {
		this.#since.delete(clientId);
		if (this.#since.size >= this.most) this.#end(clientId);
		else this.#since.set(clientId, performance.now());
	}

	/** The client is here again, or its session is gone. */
	back(clientId: string): void {
		this.#since.delete(clientId);
	}

	#look(): void {
		if (this.seconds === FOR_EVER) return;
		const over = performance.now() - this.seconds * 1_000;
		for (const [clientId, since] of this.#since) {
			if (since > over) return;
			this.#since.delete(clientId);
			this.#end(clientId);
		}
	}
}
