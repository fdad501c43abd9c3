/** Bad luck for devices, from a seed: connections that break without a word. */

import type { Device } from "./device";
import type { Random } from "./random";

export class Misfortune {
	readonly #random: Random;
	readonly #devices: readonly Device[];
	/** How often it struck. */
	strikes = 0;

	constructor(random: Random, devices: readonly Device[]) {
		this.#random = random;
		this.#devices = devices;
	}

	/** With that chance, cuts the connection of one device, and resolves when it is back. */
	async strike(chance: number): Promise<void> {
		if (this.#random.next() >= chance) return;
		this.strikes++;
		const { connection } = this.#random.pick(this.#devices);
		if (!connection.running) return;
		connection.drop();
		await connection.back();
	}
}
