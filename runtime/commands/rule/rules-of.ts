/** Finds rules in an access document. */

import type { access } from "../../../broker";

export interface OwnedRule {
	readonly owner: access.RuleOwner;
	readonly rule: access.Rule;
}

/** None for an unknown user or group. */
export function rulesOf(document: access.AccessDocument, owner: access.RuleOwner): readonly access.Rule[] {
	if ("user" in owner) return document.users.find(({ name }) => name === owner.user)?.rules ?? [];
	if ("group" in owner) return document.groups.find(({ name }) => name === owner.group)?.rules ?? [];
	return document.anonymous.rules;
}

export function allRules({ users, groups, anonymous }: access.AccessDocument): OwnedRule[] {
	return [
		...users.flatMap(({ name, rules }) => rules.map((rule) => ({ owner: { user: name }, rule }))),
		...groups.flatMap(({ name, rules }) => rules.map((rule) => ({ owner: { group: name }, rule }))),
		...anonymous.rules.map((rule) => ({ owner: { anonymous: true } as const, rule })),
	];
}

export function sameRule(a: access.Rule, b: access.Rule): boolean {
	return a.effect === b.effect && a.action === b.action && a.filter === b.filter && a.priority === b.priority;
}
