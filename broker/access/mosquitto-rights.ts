/** Decides as Mosquitto does with an ACL file: own list first, then the patterns; in each deny first. */

import type { Decision } from "./access";
import { isBrokersOwn } from "./decide";
import type { Rule } from "./model";
import type { MosquittoAcl, MosquittoAclEntry } from "./mosquitto-acl-file";
import { CompiledRules, fillsLevel, type Names, type SourcedRule } from "./rules";
import type { Decider } from "./session";

const granted: Decision = Object.freeze({
	allow: true,
	reason: "Mosquitto grants every subscription and checks deliveries",
});
const noFile: Decision = Object.freeze({ allow: true, reason: "there is no ACL file" });
const system = no("topics below $SYS are written by the broker only");
const shared = no("$share is for subscriptions only");
const nothing = no("no line of the ACL file allows it");
const wildName = no("the user name or client id contains + or #, and the ACL file has patterns");

/** Without an ACL file: everything but writing below `$SYS`. */
export const withoutAcl: Decider = {
	publish: (topic) => builtIn("publish", topic) ?? noFile,
	subscribe: () => granted,
	receive: (topic) => builtIn("receive", topic) ?? noFile,
};

/** An ACL file made ready for decisions. Never changes. */
export class MosquittoRights {
	readonly #lists = new Map<string | null, CompiledRules>();
	readonly #patterns: readonly MosquittoAclEntry[];

	constructor({ entries }: Pick<MosquittoAcl, "entries">) {
		const own = new Map<string | null, Rule[]>();
		for (const entry of entries) {
			if (entry.kind === "pattern") continue;
			const rules = own.get(entry.user) ?? [];
			rules.push(...rulesOf(entry, entry.filter));
			own.set(entry.user, rules);
		}
		for (const [user, rules] of own) {
			const source =
				user === null ? "the ACL file for clients without user name" : `the ACL file for the user "${user}"`;
			this.#lists.set(user, new CompiledRules(rules, source, false));
		}
		this.#patterns = entries.filter(({ kind }) => kind === "pattern");
	}

	decider(names: Names): Decider {
		const own = this.#lists.get(names.user);
		const patterns = new CompiledRules(
			this.#patterns.flatMap((entry) => fill(entry, names)),
			"the patterns of the ACL file",
			false,
		);
		// A name with a wildcard would reach, through a pattern, what belongs to others.
		const wild = this.#patterns.length > 0 && /[+#]/.test((names.user ?? "") + names.clientId);
		const decide = (action: "publish" | "receive", topic: string): Decision => {
			const first = builtIn(action, topic);
			if (first) return first;
			const found = own?.first(action, topic, names);
			if (found) return byRule(found);
			if (wild) return wildName;
			const pattern = patterns.first(action, topic, names);
			return pattern ? byRule(pattern) : nothing;
		};
		return {
			publish: (topic) => decide("publish", topic),
			subscribe: () => granted,
			receive: (topic) => decide("receive", topic),
		};
	}
}

/** What holds before any line of the file. */
function builtIn(action: "publish" | "receive", topic: string): Decision | undefined {
	if (action === "publish" && isBrokersOwn(topic)) return system;
	return topic.startsWith("$share/") ? shared : undefined;
}

function rulesOf({ access }: MosquittoAclEntry, filter: string): Rule[] {
	const effect = access === "deny" ? "deny" : "allow";
	const publish: Rule = { effect, action: "publish", filter, priority: 0 };
	const receive: Rule = { effect, action: "receive", filter, priority: 0 };
	if (access === "read") return [receive];
	return access === "write" ? [publish] : [publish, receive];
}

/**
 * The rules of a pattern for one session. `%u` and `%c` are replaced anywhere, as in Mosquitto 2.0. An allow needs a
 * name that stays within its level, as in 2.1; a deny holds for any name.
 */
function fill(entry: MosquittoAclEntry, { user, clientId }: Names): Rule[] {
	const { filter, access } = entry;
	if (user === null && filter.includes("%u")) return [];
	const used = [...(filter.includes("%u") ? [user ?? ""] : []), ...(filter.includes("%c") ? [clientId] : [])];
	if (access !== "deny" && !used.every(fillsLevel)) return [];
	const filled = filter.replace(/%[uc]/g, (placeholder) => (placeholder === "%u" ? (user ?? "") : clientId));
	// A name must not open the topics below $ either.
	if (access !== "deny" && filled.startsWith("$") && !filter.startsWith("$")) return [];
	return rulesOf(entry, filled);
}

function byRule({ rule, source }: SourcedRule): Decision {
	const words = rule.effect === "deny" ? "deny" : rule.action === "publish" ? "write" : "read";
	return { allow: rule.effect === "allow", reason: `${words} ${rule.filter} in ${source}` };
}

function no(reason: string): Decision {
	return Object.freeze({ allow: false, reason });
}
