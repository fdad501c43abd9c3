/** Goes through much, again and again, in steps so small that nobody has to wait for it. */

/** Milliseconds between the end of one round and the next. */
const PAUSE = 5_000;
/** What is looked at in one turn of the event loop: a fraction of a millisecond, some on a Raspberry Pi. */
const ITEMS_A_STEP = 256;

export class Sweeper {
	readonly #walk: () => Iterator<unknown>;
	readonly #pause: number;
	#timer: NodeJS.Timeout | undefined;
	#step: NodeJS.Immediate | undefined;
	/** The round under way. */
	#round: Iterator<unknown> | undefined;

	/**
	 * @param walk begins a round; each item is a place to pause
	 * @param pause milliseconds between two rounds
	 */
	constructor(walk: () => Iterator<unknown>, pause: number = PAUSE) {
		this.#walk = walk;
		this.#pause = pause;
	}

	/** Begins the first round soon: much may have to go when a store was closed for long. */
	start(): void {
		this.stop();
		this.#step = setImmediate(() => this.#goOn());
	}

	/** A round that is under way is given up. */
	stop(): void {
		clearTimeout(this.#timer);
		clearImmediate(this.#step);
		this.#round?.return?.();
		this.#round = undefined;
	}

	#goOn(): void {
		this.#round ??= this.#walk();
		for (let count = 0; count < ITEMS_A_STEP; count++) {
			if (!this.#round.next().done) continue;
			this.#round = undefined;
			this.#timer = setTimeout(() => this.#goOn(), this.#pause).unref();
			return;
		}
		this.#step = setImmediate(() => this.#goOn());
	}
}
