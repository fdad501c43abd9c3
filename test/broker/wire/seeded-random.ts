/** Random numbers that are the same in every run (mulberry32). */

export class SeededRandom {
	constructor(private state: number) {}

	/** A whole number from 0 up to, not including, `limit`. */
	below(limit: number): number {
		this.state = (this.state + 0x6d2b79f5) | 0;
		let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) % limit;
	}

	pick<T>(list: readonly T[]): T {
		return list[this.below(list.length)] as T;
	}
}
