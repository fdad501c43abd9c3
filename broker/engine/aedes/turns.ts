/** One at a time for each key; the others wait in the order in which they came. */

export class Turns {
	readonly #last = new Map<string, Promise<void>>();

	/** Resolves when it is the caller's turn. @returns ends the turn */
	async take(key: string): Promise<() => void> {
		const before = this.#last.get(key);
		let free = () => {};
		const mine = new Promise<void>((resolve) => {
			free = resolve;
		});
		this.#last.set(key, mine);
		await before;
		return () => {
			if (this.#last.get(key) === mine) this.#last.delete(key);
			free();
		};
	}
}
