/**
 * Keeps publications in order where one has to be sent again. Each is made for the subscriptions that are known here;
 * Redis refuses one that was made for too old ones. All that are under way at a time are made for the same.
 */

export class PublishLine {
	#underWay = 0;
	#version = 0;
	#idle: Promise<void> = Promise.resolve();
	#becomesIdle = () => {};

	/** @param version of the subscriptions that are known now */
	async go(version: () => number, publish: () => Promise<void>): Promise<void> {
		while (this.#underWay > 0 && this.#version !== version()) await this.#idle;
		if (this.#underWay++ === 0) {
			this.#version = version();
			this.#idle = new Promise((resolve) => {
				this.#becomesIdle = resolve;
			});
		}
		try {
			await publish();
		} finally {
			if (--this.#underWay === 0) this.#becomesIdle();
		}
	}
}
