/** A promise that is settled from outside. */

export class Outcome {
	/** Nobody has to listen to it: a rejection that no one awaits is no fault of the process. */
	readonly promise: Promise<void>;
	#resolve: () => void = () => {};
	#reject: (error: Error) => void = () => {};

	constructor() {
		this.promise = new Promise((resolve, reject) => {
			this.#resolve = resolve;
			this.#reject = reject;
		});
		this.promise.catch(() => {});
	}

	/** Only the first of `succeed` and `fail` counts. */
	succeed(): void {
		this.#resolve();
	}

	fail(error: Error): void {
		this.#reject(error);
	}
}
