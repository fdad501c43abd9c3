/** Counts what a client sends within a second, and says how long to wait before more of it is read. */

import { performance } from "node:perf_hooks";

/** Milliseconds. */
const WINDOW = 1_000;

export class Rate {
	#windowEnd = 0;
	#count = 0;

	/** @param most in a second; 0 is any number */
	constructor(readonly most: number) {}

	/** @returns milliseconds to wait; 0 while there is room. The clock is one that nobody sets. */
	add(count: number): number {
		if (this.most === 0) return 0;
		const now = performance.now();
		if (now >= this.#windowEnd) {
			this.#windowEnd = now + WINDOW;
			this.#count = 0;
		}
		this.#count += count;
		return this.#count >= this.most ? Math.ceil(this.#windowEnd - now) : 0;
	}
}
