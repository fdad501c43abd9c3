/** Decides who may do what: pure functions on compiled rules. */

import type { Decision } from "./access";
import type { Action, Defaults, Rule } from "./model";
import { type CompiledRules, goesBefore, type Names, type SourcedRule } from "./rules";

/** The rights of one session, at one moment. */
export interface Rights {
	readonly names: Names;
	/** Own rules first, then those of the groups. */
	readonly lists: readonly CompiledRules[];
	readonly defaults: Defaults;
}

/** A decision with the rule behind it; `null` when the default decided or flowbroker itself. */
export interface Verdict extends Decision {
	readonly rule: Rule | null;
	/** Where the rule stands: `user "alice"`, `group "guests"`, `anonymous clients`. */
	readonly source: string | null;
}

/** Bridges of Mosquitto tell here whether they are up; it may be allowed like any other topic. */
const BRIDGE_STATE = /^\$SYS\/broker\/connection\/[^/]+\/state$/;

/** Topics that only the broker itself writes, whatever the rules say. */
export function isBrokersOwn(topic: string): boolean {
	return (topic === "$SYS" || topic.startsWith("$SYS/")) && !BRIDGE_STATE.test(topic);
}

export function decidePublish(rights: Rights, topic: string): Verdict {
	if (isBrokersOwn(topic)) return verdict(false, "topics below $SYS are written by the broker only");
	return decide(rights, "publish", topic);
}

export function decideReceive(rights: Rights, topic: string): Verdict {
	return decide(rights, "receive", topic);
}

/**
 * A subscribe rule decides when it selects all topics of the filter. Else the filter is granted when some topic under
 * it may be received: each delivery is checked on its own, so nothing leaks through a wildcard.
 */
export function decideSubscribe(rights: Rights, filter: string): Verdict {
	const explicit = first(rights, "subscribe", filter);
	if (explicit) return byRule(explicit);
	if (rights.defaults.subscribe === "allow" && !filter.startsWith("$")) return byDefault(rights, "subscribe", filter);
	return receivable(rights, filter) ?? verdict(false, `nothing that ${filter} selects may be received`);
}

/** Why some topic under the filter may be received; `undefined` when none is known to be. */
function receivable(rights: Rights, filter: string): Verdict | undefined {
	for (const list of rights.lists) {
		for (const { found, common } of list.overlapping("receive", filter, rights.names)) {
			if (found.rule.effect === "allow" && first(rights, "receive", common)?.rule.effect === "allow") {
				return byRule(found);
			}
		}
	}
	const whole = decide(rights, "receive", filter);
	return whole.allow ? whole : undefined;
}

function decide(rights: Rights, action: Action, topic: string): Verdict {
	const found = first(rights, action, topic);
	return found ? byRule(found) : byDefault(rights, action, topic);
}

function first({ lists, names }: Rights, action: Action, topicOrFilter: string): SourcedRule | undefined {
	let best: SourcedRule | undefined;
	for (const list of lists) {
		const found = list.first(action, topicOrFilter, names);
		if (found && (!best || goesBefore(found.rule, best.rule))) best = found;
	}
	return best;
}

function byRule({ rule, source }: SourcedRule): Verdict {
	const priority = rule.priority === 0 ? "" : ` (priority ${rule.priority})`;
	const reason = `the rule "${rule.effect} ${rule.action} ${rule.filter}"${priority} of ${source}`;
	return { allow: rule.effect === "allow", reason, rule, source };
}

function byDefault({ defaults }: Rights, action: Action, topic: string): Verdict {
	if (topic.startsWith("$")) return verdict(false, "no rule matches, and topics below $ need a rule of their own");
	return verdict(defaults[action] === "allow", `no rule matches, and the default for ${action} is ${defaults[action]}`);
}

function verdict(allow: boolean, reason: string): Verdict {
	return { allow, reason, rule: null, source: null };
}
