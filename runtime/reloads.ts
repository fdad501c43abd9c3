/**
 * Runs reloads one after the other: however many are asked for meanwhile, one more follows. Those that are asked for
 * before the first start is over wait for it.
 */

export class Reloads {
	readonly #reload: () => Promise<void>;
	#running: Promise<void> | undefined;
	#begun = false;
	#again = false;

	/** @param reload must not reject */
	constructor(reload: () => Promise<void>) {
		this.#reload = reload;
	}

	/** The start is over. */
	begin(): void {
		this.#begun = true;
		if (this.#again) this.request();
	}

	request(): void {
		this.#again = true;
		if (!this.#begun) return;
		this.#running ??= this.#run().finally(() => {
			this.#running = undefined;
		});
	}

	async #run(): Promise<void> {
		while (this.#again) {
			this.#again = false;
			await this.#reload();
		}
	}
}
