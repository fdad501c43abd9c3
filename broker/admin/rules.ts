/** Commands about single rules of a user, a group or the clients without user name. */

import type { AccessStore } from "../access/access-store";
import { checkRule } from "../access/check-model";
import type { RuleOwner } from "../access/edit-document";
import type { Rule } from "../access/model";
import type { Broker } from "../broker";
import { type Arguments, invalidArgument, numberOf, text, trueOrFalse } from "./arguments";
import { usersOf } from "./users-of";

export interface RulesAnswer {
	/** All rules of the owner after the change. */
	readonly rules: readonly Rule[];
}

const OWNERS = ["user", "group", "anonymous"] as const;

/** @param args the owner: `user`, `group` or `anonymous: true`; the rule: `effect`, `action`, `filter`, `priority` */
export async function addRule(broker: Broker, args: Arguments): Promise<RulesAnswer> {
	const users = usersOf(broker);
	const { owner, rule } = split(args);
	await users.addRule(owner, rule);
	return { rules: rulesOf(users, owner) };
}

/** @param args as for {@link addRule}. @throws FlowbrokerError RULE_UNKNOWN */
export async function removeRule(broker: Broker, args: Arguments): Promise<RulesAnswer> {
	const users = usersOf(broker);
	const { owner, rule } = split(args);
	await users.removeRule(owner, rule);
	return { rules: rulesOf(users, owner) };
}

function split(args: Arguments): { owner: RuleOwner; rule: Rule } {
	const { user: _user, group: _group, anonymous: _anonymous, ...given } = args;
	const rule = { ...given, ...("priority" in given && { priority: numberOf(given.priority) }) };
	return { owner: ownerOf(args), rule: checkRule(rule, { path: "rule", code: "RULE_INVALID" }) };
}

function ownerOf(args: Arguments): RuleOwner {
	const [name, another] = OWNERS.filter((each) => args[each] !== undefined);
	if (!name || another || (name === "anonymous" && !trueOrFalse(args, name, false))) {
		throw invalidArgument("rule", "needs exactly one owner: user, group, or anonymous: true");
	}
	if (name === "anonymous") return { anonymous: true };
	return name === "user" ? { user: text(args, name) } : { group: text(args, name) };
}

function rulesOf(users: AccessStore, owner: RuleOwner): readonly Rule[] {
	if ("user" in owner) return users.user(owner.user)?.rules ?? [];
	if ("group" in owner) return users.groups().find(({ name }) => name === owner.group)?.rules ?? [];
	return users.anonymous.rules;
}
