/** Topic aliases of one connection, each way. [MQTT 5, 3.3.2.3.4] */

/** Those that we give: the first topics that come get one each. */
export class AliasesOut {
	readonly #numbers = new Map<string, number>();

	/** @param most that the client takes */
	constructor(readonly most: number) {}

	/** @returns undefined when there is none left */
	of(topic: string): { number: number; isKnown: boolean } | undefined {
		const known = this.#numbers.get(topic);
		if (known !== undefined) return { number: known, isKnown: true };
		if (this.#numbers.size >= this.most) return undefined;
		const number = this.#numbers.size + 1;
		this.#numbers.set(topic, number);
		return { number, isKnown: false };
	}

	/** The packet that was to introduce the topic, the last one that got an alias, is not sent. */
	forget(topic: string): void {
		if (this.#numbers.get(topic) === this.#numbers.size) this.#numbers.delete(topic);
	}
}

/** Those that the client gives. */
export class AliasesIn {
	readonly #topics = new Map<number, string>();

	/** @param most that the client was told */
	constructor(readonly most: number) {}

	/**
	 * @param topic empty where the alias stands for it
	 * @returns the topic; `unknown` for an alias that was never set, `invalid` for one that is not allowed
	 */
	resolve(alias: number, topic: string): { topic: string } | "unknown" | "invalid" {
		if (alias > this.most) return "invalid";
		if (topic !== "") {
			this.#topics.set(alias, topic);
			return { topic };
		}
		const known = this.#topics.get(alias);
		return known === undefined ? "unknown" : { topic: known };
	}
}
