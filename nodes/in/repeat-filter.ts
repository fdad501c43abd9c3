/** Finds out that several filters of one node have selected the same publication. */

import type { Message } from "../../broker";

interface Seen {
	readonly topic: string;
	readonly filters: Set<string>;
}

/**
 * The broker hands one publication to every subscription that selects it, always with the same payload object. The
 * same object again by a filter that already had it is a new publication.
 */
export class RepeatFilter {
	/** Weak: what was seen is forgotten together with the payload. */
	#seen = new WeakMap<Buffer, Seen>();

	isRepeat(filter: string, { payload, topic }: Pick<Message, "payload" | "topic">): boolean {
		const seen = this.#seen.get(payload);
		if (seen?.topic === topic && !seen.filters.has(filter)) {
			seen.filters.add(filter);
			return true;
		}
		this.#seen.set(payload, { topic, filters: new Set([filter]) });
		return false;
	}

	/** After a change of the subscriptions: a retained message that comes again is wanted again. */
	reset(): void {
		this.#seen = new WeakMap();
	}
}
