/** Sessions whose clients are away, and when each ends. */

import { performance } from "node:perf_hooks";

/** Seconds that mean for ever. [MQTT 5, 3.1.2.11.2] */
const FOR_EVER = 0xffff_ffff;
/** Milliseconds; the most that a timer takes. */
const LONGEST_TIMEOUT = 2_147_483_647;

export class Absences {
	/** Undefined for one that never ends. */
	readonly #timers = new Map<string, NodeJS.Timeout | undefined>();
	readonly #end: (clientId: string) => void;

	/** @param end the session is given up */
	constructor(end: (clientId: string) => void) {
		this.#end = end;
	}

	get count(): number {
		return this.#timers.size;
	}

	/** @param seconds until the session ends */
	left(clientId: string, seconds: number): void {
		this.back(clientId);
		if (seconds >= FOR_EVER) this.#timers.set(clientId, undefined);
		else this.#await(clientId, performance.now() + seconds * 1_000);
	}

	/** The client is here again, or its session is gone. */
	back(clientId: string): void {
		clearTimeout(this.#timers.get(clientId));
		this.#timers.delete(clientId);
	}

	stop(): void {
		for (const timer of this.#timers.values()) clearTimeout(timer);
		this.#timers.clear();
	}

	/** @param end of a clock that nobody sets */
	#await(clientId: string, end: number): void {
		const wait = Math.min(Math.max(0, end - performance.now()), LONGEST_TIMEOUT);
		const timer = setTimeout(() => {
			if (end - performance.now() > 1) {
				this.#await(clientId, end);
				return;
			}
			this.#timers.delete(clientId);
			this.#end(clientId);
		}, wait);
		this.#timers.set(clientId, timer.unref());
	}
}
