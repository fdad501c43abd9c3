/**
 * Sessions of clients that are away, where aedes does not watch them: those of MQTT 3 clients, which MQTT 3 and aedes
 * let wait for ever, and all that a broker before this one has left.
 */

import { performance } from "node:perf_hooks";
import { type Absentee, FOR_EVER } from "../../store/store";

/** Milliseconds between two looks for sessions whose time is over. */
const LOOK_EVERY = 60_000;

export class AbsentSessions {
	/** When each ends, by client id. The clock is one that nobody sets. */
	readonly #ends = new Map<string, number>();
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
		return this.#ends.size;
	}

	/** @param left sessions from before */
	start(left: readonly Absentee[]): void {
		this.#ends.clear();
		for (const { clientId, seconds } of left) this.#await(clientId, seconds);
		this.#timer = setInterval(() => this.#look(), LOOK_EVERY).unref();
		this.#look();
	}

	stop(): void {
		clearInterval(this.#timer);
	}

	left(clientId: string): void {
		this.#ends.delete(clientId);
		if (this.#ends.size >= this.most) this.#end(clientId);
		else this.#await(clientId, this.seconds);
	}

	/** The client is here again, or its session is gone. */
	back(clientId: string): void {
		this.#ends.delete(clientId);
	}

	#await(clientId: string, seconds: number): void {
		const milliseconds = seconds >= FOR_EVER ? Number.POSITIVE_INFINITY : seconds * 1_000;
		this.#ends.set(clientId, performance.now() + milliseconds);
	}

	#look(): void {
		const now = performance.now();
		for (const [clientId, end] of this.#ends) {
			if (end > now) continue;
			this.#ends.delete(clientId);
			this.#end(clientId);
		}
	}
}
