/** What another set of users and rules would change, for people to look at before it happens. */

import { isDeepStrictEqual } from "node:util";
import type { AccessDocument } from "../access/model";

/** Names, each list in alphabetical order. */
export interface NamedChanges {
	readonly added: readonly string[];
	readonly changed: readonly string[];
	readonly removed: readonly string[];
}

export interface DocumentChanges {
	readonly users: NamedChanges;
	/** Users whose password would be another one, or none; those who are added are not among them. */
	readonly passwords: readonly string[];
	readonly groups: NamedChanges;
	/** Do clients without user name get other rights? */
	readonly anonymous: boolean;
	/** Does something else hold where no rule matches? */
	readonly defaults: boolean;
}

export function documentChanges(before: AccessDocument, after: AccessDocument): DocumentChanges {
	const passwordOf = new Map(before.users.map(({ name, password }) => [name, password]));
	return {
		users: namedChanges(before.users.map(withoutPassword), after.users.map(withoutPassword)),
		passwords: after.users
			.filter(({ name, password }) => passwordOf.has(name) && passwordOf.get(name) !== password)
			.map(({ name }) => name)
			.sort(),
		groups: namedChanges(before.groups, after.groups),
		anonymous: !isDeepStrictEqual(before.anonymous, after.anonymous),
		defaults: !isDeepStrictEqual(before.defaults, after.defaults),
	};
}

function withoutPassword({ password: _password, ...rest }: AccessDocument["users"][number]) {
	return rest;
}

function namedChanges<T extends { readonly name: string }>(before: readonly T[], after: readonly T[]): NamedChanges {
	const known = new Map(before.map((each) => [each.name, each]));
	const kept = new Set(after.map(({ name }) => name));
	return {
		added: names(after.filter(({ name }) => !known.has(name))),
		changed: names(after.filter((each) => known.has(each.name) && !isDeepStrictEqual(known.get(each.name), each))),
		removed: names(before.filter(({ name }) => !kept.has(name))),
	};
}

function names(all: ReadonlyArray<{ readonly name: string }>): string[] {
	return all.map(({ name }) => name).sort();
}
