/** Hands on messages as fast as the flow says that it is done with them; what has to wait is bounded. */

import { Line } from "../line";

export interface PaceSettings {
	/** How many messages the flow works on at the same time. */
	readonly underWay: number;
	/** How many may wait. */
	readonly queueSize: number;
	/** Which one is given up when there are too many. */
	readonly queueDrop: "newest" | "oldest";
	/** Milliseconds after which a message counts as done of which nothing was heard; 0 for never. */
	readonly patience: number;
}

export interface PaceState {
	readonly waiting: number;
	/** How many were given up since nothing waited. */
	readonly dropped: number;
}

export class Pace<Item> {
	readonly #settings: PaceSettings;
	readonly #hand: (item: Item) => void;
	readonly #changed: (state: PaceState) => void;
	/** Oldest first. */
	readonly #waiting = new Line<{ readonly item: Item }>();
	/** One for each message that the flow works on, oldest first. */
	readonly #underWay = new Set<{ timer: NodeJS.Timeout | undefined }>();
	#dropped = 0;

	constructor(settings: PaceSettings, hand: (item: Item) => void, changed: (state: PaceState) => void) {
		this.#settings = settings;
		this.#hand = hand;
		this.#changed = changed;
	}

	push(item: Item): void {
		if (this.#underWay.size < this.#settings.underWay && this.#waiting.size === 0) {
			this.#begin(item);
			return;
		}
		const { queueSize, queueDrop } = this.#settings;
		if (this.#waiting.size < queueSize) {
			this.#waiting.add({ item });
		} else {
			this.#dropped++;
			const oldest = this.#waiting.first;
			if (queueDrop === "oldest" && oldest) {
				this.#waiting.delete(oldest);
				this.#waiting.add({ item });
			}
		}
		this.#tell();
	}

	/** The flow is done with a message: of those it works on, the one that it has had longest. */
	next(): void {
		const [done] = this.#underWay;
		if (done) this.#end(done);
	}

	/** Nobody wants the rest any more. */
	clear(): void {
		for (const { timer } of this.#underWay) clearTimeout(timer);
		this.#underWay.clear();
		this.#waiting.clear();
		this.#dropped = 0;
	}

	#begin(item: Item): void {
		const work: { timer: NodeJS.Timeout | undefined } = { timer: undefined };
		const { patience } = this.#settings;
		if (patience > 0) work.timer = setTimeout(() => this.#end(work), patience);
		this.#underWay.add(work);
		this.#hand(item);
	}

	#end(work: { timer: NodeJS.Timeout | undefined }): void {
		clearTimeout(work.timer);
		this.#underWay.delete(work);
		const { first } = this.#waiting;
		if (!first) return;
		this.#waiting.delete(first);
		if (this.#waiting.size === 0) this.#dropped = 0;
		this.#tell();
		this.#begin(first.item);
	}

	#tell(): void {
		this.#changed({ waiting: this.#waiting.size, dropped: this.#dropped });
	}
}
