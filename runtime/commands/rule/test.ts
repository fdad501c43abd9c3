/** `flowbroker rule test`: what would be decided, and by which rule. */

import type { access } from "../../../broker";
import type { Command, CommandCall } from "../../command";
import { locationOptions, locationUsage } from "../common/location";
import { formatOption, say, sayJson, wantsJson } from "../common/print";
import { withAccess } from "../common/with-access";
import { usage } from "../common/words";
import { ownerOptions } from "./rule-words";

const ACTIONS: readonly access.Action[] = ["publish", "receive", "subscribe"];

export const testRules: Command = {
	name: "rule test",
	summary: "say whether a user may do something, and why",
	usage: `publish|receive|subscribe TOPIC --user NAME|--anonymous ${locationUsage}`,
	help: `Says whether a user, or a client without user name, may publish to a topic, receive from it, or subscribe to
a topic filter, and which rule decides. The exit code is 0 for allowed and 1 for denied.`,
	options: {
		user: ownerOptions.user,
		anonymous: ownerOptions.anonymous,
		"client-id": { value: "ID", help: "client id, for users and rules that depend on it" },
		...formatOption,
		...locationOptions,
	},
	examples: [
		"flowbroker rule test --user rajan publish garden/door --data /home/pi/home",
		"flowbroker rule test --anonymous subscribe 'home/#' --data /home/pi/home",
	],
	run: (call) =>
		withAccess(call, "refuse", ({ store }) => {
			const { user, clientId, action, topic } = questionOf(call, store);
			const verdict = store.explain(user, clientId, action, topic);
			if (wantsJson(call)) sayJson({ user, clientId, action, topic, ...verdict });
			else say(`${verdict.allow ? "allowed" : "denied"}: ${verdict.reason}`);
			return verdict.allow ? 0 : 1;
		}),
};

function questionOf({ files: words, values, switches }: CommandCall, store: access.AccessStore) {
	const user = values.user ?? null;
	if ((user === null) !== switches.has("anonymous")) {
		throw usage("Say who: --user NAME, or --anonymous for a client without user name.", "rule test");
	}
	const [actionWord, topic, ...more] = words;
	const action = ACTIONS.find((each) => each === actionWord);
	if (!action) throw usage("Say publish, receive or subscribe.", "rule test");
	if (topic === undefined) throw usage("Say the topic, in quotes when it has # or blanks.", "rule test");
	if (more.length > 0) throw usage("There is one word too many: put the topic in quotes.", "rule test");
	return { user, clientId: values["client-id"] ?? clientIdFor(store, user), action, topic };
}

/** Who is limited to some client ids is asked about with the first of them. */
function clientIdFor(store: access.AccessStore, user: string | null): string {
	return (user === null ? undefined : store.user(user)?.clientIds?.[0]) ?? "";
}
