/** Repeats a task while an element can be seen. */

/**
 * Runs the task at once whenever the element comes into view, and again some time after it has ended. A hidden sidebar,
 * another tab of the browser: nothing runs.
 */
export class Poll {
	readonly #task: () => Promise<void>;
	readonly #pause: () => number;
	#visible = false;
	#running = false;
	#again = false;
	#timer: number | undefined;

	/** @param task must not reject. @param pause milliseconds between the end of one run and the next */
	constructor(element: Element, task: () => Promise<void>, pause: () => number) {
		this.#task = task;
		this.#pause = pause;
		const observer = new IntersectionObserver((entries) => {
			this.#visible = entries.at(-1)?.isIntersecting ?? false;
			this.now();
		});
		observer.observe(element);
		document.addEventListener("visibilitychange", () => this.now());
	}

	/** Does not wait for the pause to end. */
	now(): void {
		clearTimeout(this.#timer);
		if (!this.#visible || document.hidden) return;
		if (this.#running) this.#again = true;
		else void this.#run();
	}

	async #run(): Promise<void> {
		this.#running = true;
		this.#again = false;
		await this.#task();
		this.#running = false;
		if (this.#again) this.now();
		else this.#timer = setTimeout(() => this.now(), this.#pause()) as unknown as number;
	}
}
