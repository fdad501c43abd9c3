/** Cuts a part out of a long list. */

import { type Arguments, whole } from "./arguments";

/** A part of a list. */
export interface Page<T> {
	/** How many there are in all. */
	readonly total: number;
	readonly items: readonly T[];
}

/** The names of the arguments that {@link pageOf} reads. */
export const pageArguments = ["limit", "offset"] as const;

/** @param args `limit` (1 to 1000, default 100) and `offset` (default 0) */
export function pageOf<T>(list: readonly T[], args: Arguments): Page<T> {
	const offset = whole(args, "offset", 0, Number.MAX_SAFE_INTEGER, 0);
	const limit = whole(args, "limit", 1, 1_000, 100);
	return { total: list.length, items: list.slice(offset, offset + limit) };
}

/** The page with each of its items turned into something else. */
export function mapPage<T, U>({ total, items }: Page<T>, change: (item: T) => U): Page<U> {
	return { total, items: items.map(change) };
}
