/** Gives the message ids 1, 2, 3 and so on, as Mosquitto's clients do; MQTT.js begins anywhere. */

const largest = 65_535;

export class MessageIds {
	#last = 0;
	readonly #taken = new Set<number>();

	/** @returns `null` when all are taken */
	allocate(): number | null {
		if (this.#taken.size >= largest) return null;
		do this.#last = (this.#last % largest) + 1;
		while (this.#taken.has(this.#last));
		this.#taken.add(this.#last);
		return this.#last;
	}

	getLastAllocated(): number | null {
		return this.#last || null;
	}

	/** @returns false: it is taken */
	register(id: number): boolean {
		if (this.#taken.has(id)) return false;
		this.#taken.add(id);
		return true;
	}

	deallocate(id: number): void {
		this.#taken.delete(id);
	}

	clear(): void {
		this.#taken.clear();
	}
}
