/** Which process a client is at: one at a time. */

import type { Change } from "./changes";
import type { RedisLink } from "./redis-link";

/** Milliseconds for another process to end the connection of a client that is here now; it may be dead. */
const LONGEST_HANDOVER = 1_000;

export class Claims {
	readonly #link: RedisLink;
	/** Who waits until another process is done with a client. */
	readonly #awaited = new Map<string, () => void>();

	constructor(link: RedisLink) {
		this.#link = link;
	}

	async claim(id: string): Promise<void> {
		const before = String(await this.#link.run("claim", id, this.#link.process));
		if (before === "" || before === this.#link.process) return;
		const key = keyOf(id, before);
		await new Promise<void>((resolve) => {
			const timer = setTimeout(resolve, LONGEST_HANDOVER);
			this.#awaited.set(key, () => {
				clearTimeout(timer);
				resolve();
			});
		});
		this.#awaited.delete(key);
	}

	/** @param patience seconds that its session waits; undefined: as was said before */
	async left(id: string, patience: number | undefined): Promise<void> {
		await this.#link.run("leave", id, this.#link.process, patience ?? "", Date.now());
	}

	take(change: Change): void {
		if (change.kind === "gone") this.#awaited.get(keyOf(change.id, change.process))?.();
	}
}

function keyOf(id: string, process: string): string {
	return `${process} ${id}`;
}
