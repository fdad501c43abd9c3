/** Waits for something that events bring about, without asking the clock. */

export class LookOut {
	readonly #waiting = new Set<() => void>();

	/** Something may have changed: everybody who waits looks again. */
	readonly changed = (): void => {
		for (const check of [...this.#waiting]) check();
	};

	/** Resolves with the first thing that `look` finds, now or after a change. */
	until<T>(look: () => T | undefined): Promise<T> {
		return new Promise((resolve) => {
			const check = () => {
				const found = look();
				if (found === undefined) return;
				this.#waiting.delete(check);
				resolve(found);
			};
			this.#waiting.add(check);
			check();
		});
	}
}
