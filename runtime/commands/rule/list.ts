/** `flowbroker rule list`: all rules, or those of one user or group. */

import { type access, FlowbrokerError } from "../../../broker";
import type { Command } from "../../command";
import { locationOptions, locationUsage } from "../common/location";
import { formatOption, say, sayJson, sayTable, wantsJson } from "../common/print";
import { withAccess } from "../common/with-access";
import { noWords } from "../common/words";
import { ownerOf, ownerOptions, ownerText } from "./rule-words";
import { allRules, rulesOf } from "./rules-of";

export const listRules: Command = {
	name: "rule list",
	summary: "list the rules",
	usage: `[--user NAME|--group GROUP|--anonymous] ${locationUsage}`,
	help: `Lists all rules, or those of one user, one group, or clients without user name. The rules of a user together
with those of the user's groups: flowbroker user show.`,
	options: { ...ownerOptions, ...formatOption, ...locationOptions },
	examples: [
		"flowbroker rule list --data /home/pi/home",
		"flowbroker rule list --user rajan --format json --data /home/pi/home",
	],
	run: (call) =>
		withAccess(call, "refuse", ({ store }) => {
			noWords(call, "rule list");
			const owner = ownerOf(call, "rule list");
			const document = store.exportDocument();
			if (owner) requireKnown(document, owner);
			const rules = owner ? rulesOf(document, owner).map((rule) => ({ owner, rule })) : allRules(document);
			const { defaults, anonymous } = document;
			if (wantsJson(call)) {
				const plain = rules.map(({ owner: whose, rule }) => ({ owner: whose, ...rule }));
				return sayJson({ rules: plain, defaults, anonymous: anonymous.enabled });
			}
			const rows = rules.map(({ owner: whose, rule: { effect, action, filter, priority } }) => [
				ownerText(whose),
				effect,
				action,
				filter,
				String(priority),
			]);
			sayTable(["whose", "effect", "action", "filter", "priority"], rows, "There are no rules.");
			const usual = Object.entries(defaults).map(([action, effect]) => `${effect} ${action}`);
			say(`Where no rule matches: ${usual.join(", ")}.`);
			say(`Clients without user name are ${anonymous.enabled ? "let in" : "not let in"}.`);
		}),
};

/** @throws FlowbrokerError USER_UNKNOWN or GROUP_UNKNOWN */
function requireKnown({ users, groups }: access.AccessDocument, owner: access.RuleOwner): void {
	if ("user" in owner && !users.some(({ name }) => name === owner.user)) {
		throw new FlowbrokerError("USER_UNKNOWN", `There is no user "${owner.user}".`);
	}
	if ("group" in owner && !groups.some(({ name }) => name === owner.group)) {
		throw new FlowbrokerError("GROUP_UNKNOWN", `There is no group "${owner.group}".`);
	}
}
