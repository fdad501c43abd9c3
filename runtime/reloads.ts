/**
 * Runs reloads one after the other: however many are asked for meanwhile, one more follows. Those that are asked for
 * before the first start is over wait for it.
 */

export class Reloads {
	#reload: (() => Promise<void>) | undefined;
	#running: Promise<void> | undefined;
	#again = false;

	/** The start is over. @param reload must not reject */
	begin(reload: () => Promise<void>): void {
		this.#reload = reload;
		if (this.#again) this.request();
	}

	request(): void {
		this.#again = true;
		if (!this.#reload) return;
		this.#running ??= this.#run(this.#reload).finally(() => {
			this.#running = undefined;
		});
	}

	async #run(reload: () => Promise<void>): Promise<void> {
		while (this.#again) {
			this.#again = false;
			await reload();
		}
	}
}
