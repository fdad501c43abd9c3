/** Ends the flow in good order before it takes more memory than it may: an end by the system would be in the midst of it. */

import { FlowbrokerError } from "../broker";

const intervalMs = 5_000;

const bytesPerMegabyte = 1_048_576;

/** `open` and `close` go together. */
export class MemoryLimit {
	readonly #megabytes: number | undefined;
	readonly #exceeded: (error: FlowbrokerError) => void;
	#timer: NodeJS.Timeout | undefined;

	/** @param megabytes of the whole process; undefined for no limit */
	constructor(megabytes: number | undefined, exceeded: (error: FlowbrokerError) => void) {
		this.#megabytes = megabytes;
		this.#exceeded = exceeded;
	}

	open(): void {
		if (this.#megabytes === undefined) return;
		this.#timer = setInterval(() => this.#look(this.#megabytes ?? 0), intervalMs);
		this.#timer.unref();
	}

	close(): void {
		clearInterval(this.#timer);
	}

	#look(limit: number): void {
		const used = Math.round(process.memoryUsage.rss() / bytesPerMegabyte);
		if (used <= limit) return;
		this.close();
		const sentence = `The process uses ${used} MB, and --memory allows ${limit}: it ends, for whoever watches it to start it again. Give it more, or look which node keeps so much.`;
		this.#exceeded(new FlowbrokerError("MEMORY_EXCEEDED", sentence));
	}
}
