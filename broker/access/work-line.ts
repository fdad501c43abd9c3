/** Lets only a few pieces of costly work run at once, and only so many wait. */

import { FlowbrokerError } from "../errors";

interface Waiting {
	readonly start: () => void;
	readonly refuse: (error: Error) => void;
}

export class WorkLine {
	readonly #waiting: Waiting[] = [];
	#running = 0;

	/**
	 * @param atOnce how many run at the same time
	 * @param places how many more may wait
	 */
	constructor(
		private readonly atOnce: number,
		private readonly places: number,
	) {}

	/** @throws FlowbrokerError LOGIN_BUSY when no place is left or the line was closed */
	async run<T>(work: () => Promise<T>): Promise<T> {
		if (this.#running < this.atOnce) this.#running++;
		else await this.#wait();
		try {
			return await work();
		} finally {
			// The place goes straight to the next one, so that nobody slips in between.
			const next = this.#waiting.shift();
			if (next) next.start();
			else this.#running--;
		}
	}

	/** Refuses all who wait. */
	close(): void {
		for (const { refuse } of this.#waiting.splice(0)) refuse(busy());
	}

	#wait(): Promise<void> {
		return new Promise((start, refuse) => {
			if (this.#waiting.length >= this.places) refuse(busy());
			else this.#waiting.push({ start, refuse });
		});
	}
}

function busy(): FlowbrokerError {
	return new FlowbrokerError("LOGIN_BUSY", "Too many passwords wait to be checked: try again in a moment.");
}
