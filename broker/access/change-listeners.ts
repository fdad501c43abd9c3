/** Those who want to know about changes of the rules. */

import type { AccessChange } from "./access";
import { safely } from "./safely";

export class ChangeListeners {
	readonly #listeners = new Set<(change: AccessChange) => void>();

	/** @returns a function that ends it */
	add(listener: (change: AccessChange) => void): () => void {
		// A function of its own each time, so that the same listener added twice is told twice and removed once.
		const own = safely(listener);
		this.#listeners.add(own);
		return () => void this.#listeners.delete(own);
	}

	tell(users: ReadonlySet<string | null>): void {
		for (const listener of this.#listeners) listener({ users });
	}
}
