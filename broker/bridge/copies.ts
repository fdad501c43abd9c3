/**
 * Where several subscriptions select a message, another broker may send a copy for each (MQTT 5, 3.3.4). Each filter has an
 * identifier, which comes with the copy: one copy is taken, the others are spare.
 */

import { crc32 } from "node:zlib";
import type { StoredSubscription } from "../store/store";
import { matchesTopic } from "../topic";

/** [MQTT 5, 3.8.2.1.2] */
const MOST = 268_435_455;

/** Of the filter itself: what waits in a session of before still has it when the rules have changed. */
export function identifierOf(filter: string): number {
	return crc32(filter) & MOST || 1;
}

export class Copies {
	/** In the order of the rules. Of each message that one of them selects the copy has come, or will come. */
	#certain: readonly string[];
	/** What comes now was published after these subscriptions. */
	readonly #isFresh: boolean;

	/** @param kept what the other broker has kept of an earlier connection; undefined: nothing */
	constructor(kept: readonly StoredSubscription[] | undefined) {
		this.#isFresh = kept === undefined;
		this.#certain = (kept ?? [])
			.filter(({ filter, identifier }) => identifier === identifierOf(filter))
			.map(({ filter }) => filter);
	}

	/** @param filters that the other broker has accepted with their identifiers */
	granted(filters: readonly string[]): void {
		this.#certain = this.#isFresh ? filters : this.#certain.filter((filter) => filters.includes(filter));
	}

	/** The identifier by which messages of the filter are known for sure, also in a later connection. */
	certainIdentifier(filter: string): number | undefined {
		return this.#certain.includes(filter) ? identifierOf(filter) : undefined;
	}

	/** @param identifiers that came with the copy */
	isSpare(topic: string, identifiers: number | readonly number[] | undefined): boolean {
		if (identifiers === undefined) return false;
		const taken = this.#certain.find((filter) => matchesTopic(filter, topic));
		return taken !== undefined && ![identifiers].flat().includes(identifierOf(taken));
	}
}
