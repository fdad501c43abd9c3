/** A line of things in order, where any of them may leave: taking the first costs the same however long the line is. */

/** How many places that are empty may be in front before they are taken out. */
const EMPTY = 1_024;

export class Line<Item extends object> {
	/** Those who left are undefined. */
	#places: (Item | undefined)[] = [];
	/** Place of each, counted from the first that ever was. */
	readonly #at = new Map<Item, number>();
	/** How many places were taken out in front. */
	#gone = 0;
	#head = 0;

	get size(): number {
		return this.#at.size;
	}

	get first(): Item | undefined {
		return this.#places[this.#head];
	}

	/** From the first to the last; those that join meanwhile included. */
	*[Symbol.iterator](): Generator<Item> {
		for (let at = this.#gone + this.#head; at - this.#gone < this.#places.length; at++) {
			// Places may have been taken out since.
			const item = at < this.#gone ? undefined : this.#places[at - this.#gone];
			if (item) yield item;
		}
	}

	add(item: Item): void {
		this.#at.set(item, this.#gone + this.#places.length);
		this.#places.push(item);
	}

	/** @returns false when it was not there */
	delete(item: Item): boolean {
		const at = this.#at.get(item);
		if (at === undefined) return false;
		this.#at.delete(item);
		this.#places[at - this.#gone] = undefined;
		while (this.#head < this.#places.length && !this.#places[this.#head]) this.#head++;
		if (this.#head > EMPTY && this.#head * 2 > this.#places.length) {
			this.#places = this.#places.slice(this.#head);
			this.#gone += this.#head;
			this.#head = 0;
		}
		return true;
	}

	clear(): void {
		this.#places = [];
		this.#at.clear();
		this.#gone = 0;
		this.#head = 0;
	}
}
