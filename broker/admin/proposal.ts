/** Finds the narrowest rule that would allow what was denied. */

import { whyNotRuleFilter } from "../access/check-model";
import { decidePublish, decideReceive, decideSubscribe, type Rights, type Verdict } from "../access/decide";
import type { RuleOwner } from "../access/edit-document";
import type { Action, Rule } from "../access/model";
import { type RuleBook, whyEnded } from "../access/rule-book";
import { CompiledRules } from "../access/rules";
import type { Denial } from "../denial-log";

export interface Proposal {
	readonly owner: RuleOwner;
	readonly rule: Rule;
}

/** What the rules of now say about a denial of before. */
export interface DenialAdvice {
	/** Would it be allowed now? Rules may have changed since. */
	readonly allowedNow: boolean;
	/** One rule that would allow it and nothing else; `null` when it is allowed, or no rule can allow it. */
	readonly proposal: Proposal | null;
}

const none: DenialAdvice = { allowedNow: false, proposal: null };
const decisions = { publish: decidePublish, receive: decideReceive, subscribe: decideSubscribe } as const;

/** @param now milliseconds since 1970 */
export function adviseOn(denial: Denial, book: RuleBook, now: number): DenialAdvice {
	const { user, clientId, action } = denial;
	const rights = book.rights(user, clientId);
	if (action === "connect" || !rights || whyEnded(book, user, clientId, now) !== undefined) return none;
	const topic = action === "subscribe" ? denial.topic.replace(/^\$share\/[^/]+\//, "") : denial.topic;
	const before = decisions[action](rights, topic);
	if (before.allow) return { allowedNow: true, proposal: null };
	const rule = narrowest(action, topic, before);
	if (!rule || !decisions[action](withRule(rights, rule), topic).allow) return none;
	return { allowedNow: false, proposal: { owner: user === null ? { anonymous: true } : { user }, rule } };
}

/** To receive what a filter selects is what a subscriber wants, and grants the subscription too. */
function narrowest(action: Action, topic: string, { rule }: Verdict): Rule | undefined {
	const isPlain = whyNotRuleFilter(topic) === undefined && !/(^|\/)%[uc](\/|$)/.test(topic);
	if (!isPlain) return undefined;
	const wanted = action === "subscribe" && rule === null ? "receive" : action;
	// A deny at the same priority would go before it.
	return { effect: "allow", action: wanted, filter: topic, priority: rule ? rule.priority + 1 : 0 };
}

function withRule(rights: Rights, rule: Rule): Rights {
	return { ...rights, lists: [...rights.lists, new CompiledRules([rule], "the proposal")] };
}
