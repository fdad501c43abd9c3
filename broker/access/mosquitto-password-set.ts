/** The users of a Mosquitto password file, by name. */

import { createHmac, randomBytes } from "node:crypto";
import type { MosquittoPassword } from "./mosquitto-password-file";

/** Chooses the same stand-in for the same name each time, so that asking again tells nothing. */
const KEY = randomBytes(32);

export class MosquittoPasswordSet {
	readonly #hashes: ReadonlyMap<string, string>;
	readonly #standIns: readonly string[];

	constructor(entries: readonly MosquittoPassword[]) {
		this.#hashes = new Map(entries.map(({ user, hash }) => [user, hash]));
		this.#standIns = [...this.#hashes.values()];
	}

	has(user: string): boolean {
		return this.#hashes.has(user);
	}

	/**
	 * The hash to verify against: for an unknown user that of another one, so that the answer takes the same time.
	 * `undefined` when there are no users at all.
	 */
	hashFor(user: string): string | undefined {
		const known = this.#hashes.get(user);
		if (known !== undefined || this.#standIns.length === 0) return known;
		const number = createHmac("sha256", KEY).update(user).digest().readUInt32BE();
		return this.#standIns[number % this.#standIns.length];
	}

	/** The users who are gone in the other set, or have another hash there. */
	changedIn(next: MosquittoPasswordSet): Set<string> {
		return new Set([...this.#hashes].filter(([user, hash]) => next.#hashes.get(user) !== hash).map(([user]) => user));
	}
}
