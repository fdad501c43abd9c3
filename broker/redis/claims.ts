/** Which process a client is at: one at a time. */

import type { Change } from "./changes";
import type { RedisLink } from "./redis-link";

/** Milliseconds for another process to end the connection of a client that is here now; it may be dead. */
const LONGEST_HANDOVER = 1_000;

export class Claims {
	readonly #link: RedisLink;
	/** Who waits until another process is done with a client. */
	readonly #awaited = new Map<string, () => void>();
	/** Claims of this process that were not heard of yet, by number. */
	readonly #asked = new Map<number, (before: string) => void>();
	#count = 0;

	constructor(link: RedisLink) {
		this.#link = link;
	}

	/**
	 * Resolves when no other process has the client any more.
	 * @param held called at the turn of this claim among those of all processes: only a later one takes the client over
	 */
	async claim(id: string, held: () => void): Promise<void> {
		const claim = ++this.#count;
		let handover: Promise<void> | undefined;
		this.#asked.set(claim, (before) => {
			this.#asked.delete(claim);
			held();
			if (before !== "" && before !== this.#link.process) handover = this.#goneFrom(before, id);
		});
		try {
			// Once more where this process has missed what it had asked for.
			while (this.#asked.has(claim)) await this.#link.change("claim", id, this.#link.process, claim);
		} finally {
			this.#asked.delete(claim);
		}
		await handover;
	}

	/** @param patience seconds that its session waits; undefined: as was said before */
	async left(id: string, patience: number | undefined): Promise<void> {
		await this.#link.run("leave", id, this.#link.process, patience ?? "", Date.now());
	}

	take(change: Change): void {
		if (change.kind === "gone") this.#awaited.get(keyOf(change.id, change.process))?.();
		if (change.kind !== "claimed" || change.process !== this.#link.process) return;
		this.#asked.get(change.claim)?.(change.before);
	}

	#goneFrom(process: string, id: string): Promise<void> {
		const key = keyOf(id, process);
		return new Promise<void>((resolve) => {
			const done = () => {
				clearTimeout(timer);
				this.#awaited.delete(key);
				resolve();
			};
			const timer = setTimeout(done, LONGEST_HANDOVER);
			this.#awaited.set(key, done);
		});
	}
}

function keyOf(id: string, process: string): string {
	return `${process} ${id}`;
}
