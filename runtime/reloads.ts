/**
 * Runs reloads one after the other: however many are asked for meanwhile, one more follows. Those that are asked for
 * before the first start is over wait for it.
 */

export class Reloads {
	#reload: (() => Promise<void>) | undefined;
	#last: Promise<unknown> = Promise.resolve();
	#waiting = false;

	/** The start is over. @param reload must not reject */
	begin(reload: () => Promise<void>): void {
		this.#reload = reload;
		if (!this.#waiting) return;
		this.#waiting = false;
		this.request();
	}

	request(): void {
		if (this.#waiting) return;
		this.#waiting = true;
		const reload = this.#reload;
		if (!reload) return;
		void this.inTurn(async () => {
			this.#waiting = false;
			await reload();
		});
	}

	/** Does something else while nothing is reloaded. @returns what it gives */
	inTurn<T>(work: () => Promise<T>): Promise<T> {
		const result = this.#last.then(work);
		this.#last = result.catch(() => {});
		return result;
	}
}
