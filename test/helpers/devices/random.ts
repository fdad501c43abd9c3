/** Chance that can be repeated: the same seed gives the same numbers. */

export interface Random {
	readonly seed: number;
	/** From 0 up to, but not, 1. */
	next(): number;
	/** A whole number from 0 up to, but not, `limit`. */
	below(limit: number): number;
	/** @throws when there is nothing to pick from */
	pick<T>(from: readonly T[]): T;
}

/** The generator is mulberry32: 32 bits of state, good enough for tests. */
export function seededRandom(seed: number): Random {
	let state = seed >>> 0;
	const next = () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
	const below = (limit: number) => Math.floor(next() * limit);
	return {
		seed,
		next,
		below,
		pick: (from) => {
			const found = from[below(from.length)];
			if (found === undefined) throw new Error("there is nothing to pick from");
			return found;
		},
	};
}
