/** Joins what two processes have changed of the same users, groups and rules at the same moment. */

import type { AccessDocument } from "../access/model";

/** @param base what both have changed. @returns their document with the changes of mine; where both changed one thing: mine */
export function mergeAccess(base: AccessDocument, mine: AccessDocument, theirs: AccessDocument): AccessDocument {
	const groups = mergeNamed(base.groups, mine.groups, theirs.groups);
	const names = new Set(groups.map(({ name }) => name));
	const users = mergeNamed(base.users, mine.users, theirs.users);
	return {
		version: 1,
		defaults: merge(base.defaults, mine.defaults, theirs.defaults),
		anonymous: merge(base.anonymous, mine.anonymous, theirs.anonymous),
		// One process may have removed the group to which the other has added a user.
		users: users.map((user) => ({ ...user, groups: user.groups.filter((name) => names.has(name)) })),
		groups,
	};
}

function mergeNamed<T extends { readonly name: string }>(
	base: readonly T[],
	mine: readonly T[],
	theirs: readonly T[],
): readonly T[] {
	const [before, here] = [byName(base), byName(mine)];
	const merged = new Map(byName(theirs));
	for (const name of new Set([...before.keys(), ...here.keys()])) {
		const item = here.get(name);
		if (isSame(before.get(name), item)) continue;
		if (item) merged.set(name, item);
		else merged.delete(name);
	}
	return [...merged.values()];
}

function byName<T extends { readonly name: string }>(items: readonly T[]): Map<string, T> {
	return new Map(items.map((item) => [item.name, item]));
}

function merge<T>(base: T, mine: T, theirs: T): T {
	return isSame(base, mine) ? theirs : mine;
}

function isSame(one: unknown, other: unknown): boolean {
	return JSON.stringify(one) === JSON.stringify(other);
}
