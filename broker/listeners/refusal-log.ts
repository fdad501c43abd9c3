/** Tells of connections that were turned away: the first of a kind at once, those after it in sums. */

import type { Refusal } from "./listener";

/** Milliseconds between two reports of one kind. */
const INTERVAL = 10_000;

/** What came after a report. */
interface Following {
	readonly timer: NodeJS.Timeout;
	count: number;
	last: Refusal;
}

export class RefusalLog {
	readonly #following = new Map<string, Following>();
	readonly #tell: (refusal: Refusal) => void;
	readonly #interval: number;

	constructor(tell: (refusal: Refusal) => void, interval: number = INTERVAL) {
		this.#tell = tell;
		this.#interval = interval;
	}

	/** @param kind refusals of one listener and one kind are told together; there are few kinds */
	add(listener: string, kind: string, address: string, reason: string): void {
		const key = JSON.stringify([listener, kind]);
		const refusal = { listener, address, reason, count: 1 };
		const following = this.#following.get(key);
		if (following) {
			following.count++;
			following.last = refusal;
			return;
		}
		this.#tell(refusal);
		this.#follow(key, refusal);
	}

	/** Tells what is not told yet. */
	close(): void {
		for (const [key, following] of this.#following) this.#end(key, following);
	}

	#follow(key: string, last: Refusal): void {
		const timer = setTimeout(() => {
			this.#end(key, following);
			// As long as there is a flood there is one report each time.
			if (following.count > 0) this.#follow(key, following.last);
		}, this.#interval);
		const following: Following = { timer, count: 0, last };
		this.#following.set(key, following);
	}

	#end(key: string, { timer, count, last }: Following): void {
		clearTimeout(timer);
		this.#following.delete(key);
		if (count > 0) this.#tell({ ...last, count });
	}
}
