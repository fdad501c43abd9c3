/** Knows which marked messages a broker has had, so that it takes each once, however many bridges bring it. */

import { randomBytes } from "node:crypto";
import type { Message } from "../message";
import { keyOf, type Mark, markOf } from "./mark";

/** Messages that are remembered at the least; twice as many at the most. */
const REMEMBERED = 50_000;
/** A message that has crossed so many bridges goes round in circles in which not every broker knows the mark. */
const MOST_BRIDGES = 32;

export class RepeatGuard {
	readonly #origin = randomBytes(6).toString("hex");
	#number = 0;
	/** Two generations: when the young one is full it becomes the old one, which is forgotten. */
	#young = new Set<string>();
	#old = new Set<string>();

	/** For a message that begins its way here. */
	newMark(): Mark {
		return { origin: this.#origin, number: ++this.#number, bridges: 0 };
	}

	/** @returns true when the message was here before; false also for one without a mark. Remembers it. */
	isRepeat(message: Message): boolean {
		const mark = markOf(message);
		if (!mark) return false;
		if (mark.origin === this.#origin || mark.bridges > MOST_BRIDGES) return true;
		const key = keyOf(message, mark);
		if (this.#young.has(key) || this.#old.has(key)) return true;
		if (this.#young.size >= REMEMBERED) {
			this.#old = this.#young;
			this.#young = new Set();
		}
		this.#young.add(key);
		return false;
	}
}
