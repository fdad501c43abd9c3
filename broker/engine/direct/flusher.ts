/** At the end of each turn of the event loop: everything that was written to one client leaves in one write. */

export class Flusher {
	#waiting: { flush(): void }[] = [];

	/** Flushes it when this turn ends. Each adds itself once. */
	add(one: { flush(): void }): void {
		if (this.#waiting.push(one) === 1) setImmediate(this.#flush);
	}

	readonly #flush = (): void => {
		const waiting = this.#waiting;
		this.#waiting = [];
		for (const one of waiting) one.flush();
	};
}
