/** Lets a number of things pass in each second, and counts the rest. */

export class RateLimit<Kind extends string> {
	readonly #most: number;
	readonly #tellRest: (rest: Partial<Record<Kind, number>>) => void;
	#passed = 0;
	#rest: Partial<Record<Kind, number>> | undefined;
	/** Ends the second that began with the first event. */
	#second: NodeJS.Timeout | undefined;

	/** @param tellRest called at the end of a second in which not all could pass, with how many of each kind did not */
	constructor(most: number, tellRest: (rest: Partial<Record<Kind, number>>) => void) {
		this.#most = most;
		this.#tellRest = tellRest;
	}

	/** @returns false when this second is full */
	pass(kind: Kind): boolean {
		this.#second ??= setTimeout(() => this.#endSecond(), 1_000);
		if (this.#passed < this.#most) {
			this.#passed++;
			return true;
		}
		this.#rest ??= {};
		this.#rest[kind] = (this.#rest[kind] ?? 0) + 1;
		return false;
	}

	close(): void {
		clearTimeout(this.#second);
	}

	#endSecond(): void {
		const rest = this.#rest;
		this.#second = undefined;
		this.#passed = 0;
		this.#rest = undefined;
		if (rest) this.#tellRest(rest);
	}
}
