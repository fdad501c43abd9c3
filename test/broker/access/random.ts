/** A random generator that gives the same numbers for the same seed (mulberry32). */
export class Random {
	constructor(private state: number) {}

	/** From 0 to `below` - 1. */
	number(below: number): number {
		this.state = (this.state + 0x6d2b79f5) | 0;
		let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) % below;
	}

	pick<T>(items: readonly T[]): T {
		return items[this.number(items.length)] as T;
	}
}
