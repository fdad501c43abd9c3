/** The rights of one session, with the latest answers at hand. */

import type { Decision, SessionAccess } from "./access";

/** Answers without memory. */
export interface Decider {
	publish(topic: string): Decision;
	subscribe(filter: string): Decision;
	receive(topic: string): Decision;
}

/** How many answers a session remembers for each action before it starts anew. */
const REMEMBERED = 1_000;
/** Longer topics, in characters, are not remembered: their number times their length would be a lot of memory. */
const LONGEST = 256;

export class CachedSession implements SessionAccess {
	readonly #answers = { publish: newMemory(), subscribe: newMemory(), receive: newMemory() };
	#decider: Decider | undefined;

	/**
	 * @param current the one who decides now: another object after each change of the rules
	 * @param unproven nobody has checked the user name
	 * @param groups of the user, at the login
	 */
	constructor(
		readonly user: string | null,
		private readonly current: () => Decider,
		readonly unproven = false,
		readonly groups: readonly string[] = [],
	) {}

	mayPublish(topic: string): Decision {
		return this.#ask("publish", topic);
	}

	maySubscribe(filter: string): Decision {
		return this.#ask("subscribe", filter);
	}

	mayReceive(topic: string): Decision {
		return this.#ask("receive", topic);
	}

	#ask(action: keyof Decider, topic: string): Decision {
		const decider = this.current();
		if (decider !== this.#decider) {
			for (const answers of Object.values(this.#answers)) answers.clear();
			this.#decider = decider;
		}
		const answers = this.#answers[action];
		const known = answers.get(topic);
		if (known) return known;
		const { allow, reason } = decider[action](topic);
		const decision = Object.freeze({ allow, reason });
		if (topic.length <= LONGEST) {
			if (answers.size >= REMEMBERED) answers.clear();
			answers.set(topic, decision);
		}
		return decision;
	}
}

/** A decider who says no to everything. */
export function refuseAll(reason: string): Decider {
	const no: Decision = Object.freeze({ allow: false, reason });
	return { publish: () => no, subscribe: () => no, receive: () => no };
}

function newMemory(): Map<string, Decision> {
	return new Map();
}
