/** A flow on trial: it has to work for some time before it counts as good. */

/** `kept`: it has worked for long enough; `left`: somebody ended the trial; else why it failed. */
export type Verdict = "kept" | "left" | { readonly failed: unknown };

/** `over` resolves with the first of `keep`, `leave` and `fail`. */
export class Trial {
	readonly over: Promise<Verdict>;
	#timer: NodeJS.Timeout | undefined;
	#settle: (verdict: Verdict) => void = () => {};

	constructor(milliseconds: number) {
		this.over = new Promise((resolve) => {
			this.#settle = resolve;
		});
		this.#timer = setTimeout(() => this.#settle("kept"), milliseconds);
	}

	/** Another flow takes its place, or the process ends. */
	leave(): void {
		clearTimeout(this.#timer);
		this.#settle("left");
	}

	fail(error: unknown): void {
		clearTimeout(this.#timer);
		this.#settle({ failed: error });
	}
}
