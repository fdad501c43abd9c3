/** `flowbroker rule remove`: removes a rule. */

import type { Command } from "../../command";
import { locationOptions, locationUsage } from "../common/location";
import { say } from "../common/print";
import { withAccess } from "../common/with-access";
import { ownerOptions, ownerText, priorityOption, requireOwner, ruleOf, ruleText } from "./rule-words";

export const removeRule: Command = {
	name: "rule remove",
	summary: "remove a rule",
	usage: `allow|deny publish|receive|subscribe|all FILTER --user NAME|--group GROUP|--anonymous ${locationUsage}`,
	help: `Removes a rule. All parts have to be as they were when it was added, the priority too: see
flowbroker rule list. A broker that runs obeys at once, for clients that are connected too.`,
	options: { ...ownerOptions, ...priorityOption, ...locationOptions },
	examples: ["flowbroker rule remove --user rajan allow publish 'garden/#' --data /home/pi/home"],
	run: (call) =>
		withAccess(call, "refuse", async ({ store }) => {
			const owner = requireOwner(call, "rule remove");
			const rule = ruleOf(call, "rule remove");
			await store.removeRule(owner, rule);
			say(`${ownerText(owner)}: ${ruleText(rule)} was removed.`);
		}),
};
