/** Wills of clients that were connected, or had a will delay running, when the process before this one ended. */

import type { Message } from "../message";
import type { LeftWill, Store } from "./store";

/** Milliseconds; the most that a timer takes. */
const LONGEST_TIMEOUT = 2_147_483_647;

export class LeftWills {
	readonly #store: Pick<Store, "leftWills" | "will" | "dropWill">;
	readonly #mayStill: (user: string | null) => boolean;
	readonly #publish: (will: Message) => void;
	readonly #timers = new Set<NodeJS.Timeout>();

	/**
	 * @param mayStill is there such a user still? That the client may publish its will was asked when it connected.
	 * @param publish sends a will
	 */
	constructor(
		store: Pick<Store, "leftWills" | "will" | "dropWill">,
		mayStill: (user: string | null) => boolean,
		publish: (will: Message) => void,
	) {
		this.#store = store;
		this.#mayStill = mayStill;
		this.#publish = publish;
	}

	start(): void {
		for (const left of this.#store.leftWills()) this.#await(left);
	}

	stop(): void {
		for (const timer of this.#timers) clearTimeout(timer);
		this.#timers.clear();
	}

	#await(left: LeftWill): void {
		const wait = Math.min(Math.max(0, left.dueAt - Date.now()), LONGEST_TIMEOUT);
		const timer = setTimeout(() => {
			this.#timers.delete(timer);
			if (left.dueAt > Date.now()) this.#await(left);
			else this.#send(left);
		}, wait).unref();
		this.#timers.add(timer);
	}

	/** Unless the client came back: then its will is gone, or another one. */
	#send({ clientId, will }: LeftWill): void {
		if (this.#store.will(clientId) !== will) return;
		this.#store.dropWill(clientId);
		const { delay: _delay, user, ...message } = will;
		if (this.#mayStill(user)) this.#publish(message);
	}
}
