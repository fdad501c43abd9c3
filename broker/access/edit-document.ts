/** Changes of an access document: each makes a new one, or throws and leaves everything as it was. */

import { FlowbrokerError } from "../errors";
import { checkAnonymous, checkDefaults, checkGroup, checkRule, checkUser } from "./check-model";
import { inside, type Place, record } from "./check-value";
import { type AccessDocument, type Anonymous, type Defaults, type Group, newUser, type Rule, type User } from "./model";

/** What can be said about a user; the name stands beside. The password is set on its own. */
export type UserChange = Partial<Omit<User, "name" | "password">>;
export type GroupChange = Partial<Omit<Group, "name">>;

/** Where a single rule is added or removed. */
export type RuleOwner = { readonly user: string } | { readonly group: string } | { readonly anonymous: true };

const CHANGEABLE_IN_USER = ["enabled", "groups", "clientIds", "expires", "note", "rules"];
const CHANGEABLE_IN_GROUP = ["note", "rules"];

/** @throws FlowbrokerError USER_EXISTS or USER_INVALID */
export function addUser(document: AccessDocument, name: string, password: string | null, change: UserChange) {
	if (document.users.some((user) => user.name === name)) {
		throw new FlowbrokerError("USER_EXISTS", `There is a user "${name}" already: choose another name.`);
	}
	const user = changedUser(document, { name, ...newUser, password }, change);
	return { ...document, users: [...document.users, user] };
}

/** @throws FlowbrokerError USER_UNKNOWN or USER_INVALID */
export function modifyUser(document: AccessDocument, name: string, change: UserChange): AccessDocument {
	return withUser(document, name, (user) => changedUser(document, user, change));
}

/** @param hash a password hash. @throws FlowbrokerError USER_UNKNOWN */
export function setPassword(document: AccessDocument, name: string, hash: string | null): AccessDocument {
	return withUser(document, name, (user) => ({ ...user, password: hash }));
}

/** @throws FlowbrokerError USER_UNKNOWN */
export function removeUser(document: AccessDocument, name: string): AccessDocument {
	findUser(document, name);
	return { ...document, users: document.users.filter((user) => user.name !== name) };
}

/** @throws FlowbrokerError GROUP_EXISTS or GROUP_INVALID */
export function addGroup(document: AccessDocument, name: string, change: GroupChange): AccessDocument {
	if (document.groups.some((group) => group.name === name)) {
		throw new FlowbrokerError("GROUP_EXISTS", `There is a group "${name}" already: choose another name.`);
	}
	const group = changedGroup({ name, note: "", rules: [] }, change);
	return { ...document, groups: [...document.groups, group] };
}

/** @throws FlowbrokerError GROUP_UNKNOWN or GROUP_INVALID */
export function modifyGroup(document: AccessDocument, name: string, change: GroupChange): AccessDocument {
	const group = changedGroup(findGroup(document, name), change);
	return { ...document, groups: document.groups.map((each) => (each.name === name ? group : each)) };
}

/** Removes the group, and takes its users out of it. @throws FlowbrokerError GROUP_UNKNOWN */
export function removeGroup(document: AccessDocument, name: string): AccessDocument {
	findGroup(document, name);
	return {
		...document,
		groups: document.groups.filter((group) => group.name !== name),
		users: document.users.map((user) =>
			user.groups.includes(name) ? { ...user, groups: user.groups.filter((group) => group !== name) } : user,
		),
	};
}

/** @throws FlowbrokerError USER_UNKNOWN, GROUP_UNKNOWN or RULE_INVALID */
export function addRule(document: AccessDocument, owner: RuleOwner, rule: Rule): AccessDocument {
	const checked = checkRule(rule, { path: "rule", code: "RULE_INVALID" });
	return withRules(document, owner, (rules) => [...rules, checked]);
}

/** Removes one rule that is equal in all parts. @throws FlowbrokerError USER_UNKNOWN, GROUP_UNKNOWN or RULE_UNKNOWN */
export function removeRule(document: AccessDocument, owner: RuleOwner, rule: Rule): AccessDocument {
	return withRules(document, owner, (rules) => {
		const at = rules.findIndex((each) => sameRule(each, rule));
		if (at === -1) {
			const sentence = `There is no rule "${rule.effect} ${rule.action} ${rule.filter}" with priority ${rule.priority} to remove.`;
			throw new FlowbrokerError("RULE_UNKNOWN", sentence);
		}
		return rules.toSpliced(at, 1);
	});
}

/** @throws FlowbrokerError ACCESS_INVALID */
export function setDefaults(document: AccessDocument, change: Partial<Defaults>): AccessDocument {
	const place: Place = { path: "defaults", code: "ACCESS_INVALID" };
	return { ...document, defaults: checkDefaults({ ...document.defaults, ...change }, place) };
}

/** @throws FlowbrokerError ACCESS_INVALID */
export function setAnonymous(document: AccessDocument, change: Partial<Anonymous>): AccessDocument {
	const place: Place = { path: "anonymous", code: "ACCESS_INVALID" };
	return { ...document, anonymous: checkAnonymous({ ...document.anonymous, ...change }, place) };
}

function withUser(document: AccessDocument, name: string, change: (user: User) => User): AccessDocument {
	const changed = change(findUser(document, name));
	return { ...document, users: document.users.map((user) => (user.name === name ? changed : user)) };
}

function withRules(document: AccessDocument, owner: RuleOwner, change: (rules: readonly Rule[]) => readonly Rule[]) {
	if ("user" in owner) return withUser(document, owner.user, (user) => ({ ...user, rules: change(user.rules) }));
	if ("group" in owner) {
		return modifyGroup(document, owner.group, { rules: change(findGroup(document, owner.group).rules) });
	}
	return { ...document, anonymous: { ...document.anonymous, rules: change(document.anonymous.rules) } };
}

function changedUser({ groups }: AccessDocument, user: User, change: UserChange): User {
	const place: Place = { path: "user", code: "USER_INVALID" };
	record(change, place, CHANGEABLE_IN_USER);
	return checkUser({ ...user, ...change }, place, new Set(groups.map((group) => group.name)));
}

function changedGroup(group: Group, change: GroupChange): Group {
	const place: Place = { path: "group", code: "GROUP_INVALID" };
	record(change, inside(place, "change"), CHANGEABLE_IN_GROUP);
	return checkGroup({ ...group, ...change }, place);
}

function findUser({ users }: AccessDocument, name: string): User {
	const found = users.find((user) => user.name === name);
	if (!found) throw new FlowbrokerError("USER_UNKNOWN", `There is no user "${name}".`);
	return found;
}

function findGroup({ groups }: AccessDocument, name: string): Group {
	const found = groups.find((group) => group.name === name);
	if (!found) throw new FlowbrokerError("GROUP_UNKNOWN", `There is no group "${name}".`);
	return found;
}

function sameRule(a: Rule, b: Rule): boolean {
	return a.effect === b.effect && a.action === b.action && a.filter === b.filter && a.priority === b.priority;
}
