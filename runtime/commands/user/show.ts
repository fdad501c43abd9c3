/** `flowbroker user show`: all that is known about one user but the password. */

import type { access } from "../../../broker";
import { type Command, table } from "../../command";
import { locationOptions, locationUsage } from "../common/location";
import { formatOption, say, sayJson, wantsJson } from "../common/print";
import { withAccess } from "../common/with-access";
import { oneWord } from "../common/words";
import { ruleText } from "../rule/rule-words";
import { requireUser } from "./require-user";
import { stateOf } from "./state";

export const showUser: Command = {
	name: "user show",
	summary: "show a user and the rules that hold for this user",
	usage: `NAME ${locationUsage}`,
	help: `Shows a user and the rules that hold for this user: the user's own, and those of the user's groups.
Nothing of the password is shown.`,
	options: { ...formatOption, ...locationOptions },
	examples: [
		"flowbroker user show rajan --data /home/pi/home",
		"flowbroker user show rajan --format json --data /home/pi/home",
	],
	run: (call) =>
		withAccess(call, "refuse", ({ store }) => {
			const user = requireUser(store, oneWord(call, "user show", "the name of the user"));
			const groups = store.groups().filter(({ name }) => user.groups.includes(name));
			if (wantsJson(call)) sayJson({ ...user, groupRules: groups.map(({ name, rules }) => ({ group: name, rules })) });
			else showText(user, groups);
		}),
};

function showText(user: access.UserView, groups: readonly access.Group[]): void {
	const rules = [
		...user.rules.map((rule) => [ruleText(rule), "own"] as const),
		...groups.flatMap(({ name, rules: ofGroup }) =>
			ofGroup.map((rule) => [ruleText(rule), `group "${name}"`] as const),
		),
	];
	const facts = [
		["name", user.name],
		["state", stateOf(user, Date.now())],
		["groups", user.groups.join(", ") || "none"],
		["client ids", user.clientIds?.join(", ") ?? "any"],
		["expires", user.expires ?? "never"],
		["note", user.note || "none"],
		["rules", rules.length === 0 ? "none" : ""],
	] as const;
	for (const [name, value] of facts) say(`${`${name}:`.padEnd(12)}${value}`.trimEnd());
	if (rules.length > 0) for (const line of table(rules).split("\n")) say(line);
}
