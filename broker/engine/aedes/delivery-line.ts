/**
 * Long lists of messages on their way to one client, the retained ones of a subscription or the queue of a session:
 * one list after the other. The engine takes the items as fast as the client reads.
 */

/** Lists that may wait before the client has to wait with its next SUBSCRIBE. */
const MOST_LISTS = 32;

export class DeliveryLine {
	readonly #client: { readonly destroyed: boolean };
	readonly #freed: () => void;
	#last: Promise<void> = Promise.resolve();
	#lists = 0;

	/** @param freed is told whenever a list is done */
	constructor(client: { readonly destroyed: boolean }, freed: () => void) {
		this.#client = client;
		this.#freed = freed;
	}

	/** So many lists wait that no other should be asked for. */
	get full(): boolean {
		return this.#lists >= MOST_LISTS;
	}

	get busy(): boolean {
		return this.#lists > 0;
	}

	/** A list that somebody else reads is on its way. @returns to be called when it is done */
	begin(): () => void {
		this.#lists++;
		return () => {
			this.#lists--;
			this.#freed();
		};
	}

	/** @param list is asked for its items when it is its turn, so that it costs no memory while it waits */
	deliver<T>(list: () => readonly T[]): AsyncGenerator<T> {
		const turn = this.#last;
		let finished = () => {};
		this.#last = new Promise((resolve) => {
			finished = resolve;
		});
		this.#lists++;
		return this.#items(list, turn, () => {
			this.#lists--;
			finished();
			this.#freed();
		});
	}

	async *#items<T>(list: () => readonly T[], turn: Promise<void>, finished: () => void): AsyncGenerator<T> {
		try {
			await turn;
			if (this.#client.destroyed) return;
			for (const item of list()) {
				if (this.#client.destroyed) return;
				yield item;
			}
		} finally {
			finished();
		}
	}
}
