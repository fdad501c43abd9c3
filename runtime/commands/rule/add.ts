/** `flowbroker rule add`: allows or denies something. */

import { access } from "../../../broker";
import type { Command } from "../../command";
import { locationOptions, locationUsage } from "../common/location";
import { say } from "../common/print";
import { withAccess } from "../common/with-access";
import { ownerOptions, ownerText, priorityOption, requireOwner, ruleOf, ruleText } from "./rule-words";
import { rulesOf, sameRule } from "./rules-of";

export const addRule: Command = {
	name: "rule add",
	summary: "allow or deny something",
	usage: `allow|deny publish|receive|subscribe|all FILTER --user NAME|--group GROUP|--anonymous ${locationUsage}`,
	help: `Allows or denies a user, a group or clients without user name to publish, to receive, or to subscribe; all
stands for the three. What no rule allows is denied. Who may receive something may subscribe to it too.

In the topic filter + stands for one level and # for all that follow; %u as a whole level stands for the user
name, %c for the client id. Where several rules match, the one with the highest priority decides; at the same
priority a deny does. A broker that runs takes the rule over at once.`,
	options: { ...ownerOptions, ...priorityOption, ...locationOptions },
	examples: [
		"flowbroker rule add --user rajan allow publish 'garden/#' --data /home/pi/home",
		"flowbroker rule add --group sensors allow publish 'sensors/%u/#' --data /home/pi/home",
		"flowbroker rule add --anonymous deny receive 'home/alarm/#' --priority 10 --data /home/pi/home",
	],
	run: (call) =>
		withAccess(call, "refuse", async ({ store }) => {
			const owner = requireOwner(call, "rule add");
			const rule = ruleOf(call, "rule add");
			let known = false;
			await store.update((document) => {
				known = rulesOf(document, owner).some((each) => sameRule(each, rule));
				return known ? document : access.addRule(document, owner, rule);
			});
			say(`${ownerText(owner)}: ${ruleText(rule)} ${known ? "was there already" : "was added"}.`);
			if ("anonymous" in owner && !store.anonymous.enabled) {
				say('Clients without user name are not let in: "flowbroker access anonymous on" lets them in.');
			}
		}),
};
