/** How long to wait before the next attempt to connect: longer after every failure, and not the same for everybody. */

export interface Pause {
	/** Milliseconds. */
	readonly minimum: number;
	readonly maximum: number;
}

/**
 * The longest pause doubles with every failure; half of it is left to chance, so that many devices that lost the same
 * broker do not all come back in the same moment.
 * @param failures attempts that failed since the last connection that lasted
 * @param servers that are tried in turn: the pause grows when all of them have failed
 * @param random from 0 to 1
 * @returns milliseconds
 */
export function pauseAfter(failures: number, servers: number, { minimum, maximum }: Pause, random: number): number {
	const rounds = Math.floor(Math.max(0, failures - 1) / servers);
	const longest = Math.min(maximum, minimum * 2 ** Math.min(rounds + 1, 30));
	return Math.max(minimum, Math.round(longest / 2 + (longest / 2) * random));
}
