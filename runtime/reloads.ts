/** Runs reloads one after the other: however many are asked for meanwhile, one more follows. */

export class Reloads {
	readonly #reload: () => Promise<void>;
	#running: Promise<void> | undefined;
	#again = false;

	/** @param reload must not reject */
	constructor(reload: () => Promise<void>) {
		this.#reload = reload;
	}

	request(): void {
		this.#again = true;
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
