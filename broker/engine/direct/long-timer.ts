/** A timer for any time, also one that is longer than Node's take; by a clock that nobody sets. It keeps no process alive. */

import { performance } from "node:perf_hooks";

/** Milliseconds; the most that a timer takes. */
const LONGEST = 2_147_483_647;

export class LongTimer {
	readonly #end: number;
	readonly #ring: () => void;
	#timer: NodeJS.Timeout;

	/** @param ring is called once, after so many milliseconds */
	constructor(milliseconds: number, ring: () => void) {
		this.#end = performance.now() + milliseconds;
		this.#ring = ring;
		this.#timer = this.#wait(milliseconds);
	}

	cancel(): void {
		clearTimeout(this.#timer);
	}

	#wait(milliseconds: number): NodeJS.Timeout {
		return setTimeout(() => this.#look(), Math.min(Math.max(0, milliseconds), LONGEST)).unref();
	}

	#look(): void {
		const left = this.#end - performance.now();
		if (left > 1) this.#timer = this.#wait(left);
		else this.#ring();
	}
}
