/** Reads and writes rules as the words of a command line, and whose they are. */

import type { access } from "../../../broker";
import type { CommandCall, CommandOption } from "../../command";
import { usage } from "../common/words";

export const ownerOptions = {
	user: { value: "NAME", help: "a user" },
	group: { value: "GROUP", help: "all users of a group" },
	anonymous: { help: "clients that give no user name" },
} as const satisfies Record<string, CommandOption>;

export const priorityOption = {
	priority: { value: "N", help: "higher goes first (default: 0); below 0: --priority=-5" },
} as const satisfies Record<string, CommandOption>;

const EFFECTS: readonly access.Effect[] = ["allow", "deny"];
const ACTIONS: readonly access.Rule["action"][] = ["publish", "receive", "subscribe", "all"];

/** Whom the options name; `undefined` when they name nobody. @throws FlowbrokerError USAGE */
export function ownerOf({ values, switches }: CommandCall, command: string): access.RuleOwner | undefined {
	const owners: access.RuleOwner[] = [
		...(values.user === undefined ? [] : [{ user: values.user }]),
		...(values.group === undefined ? [] : [{ group: values.group }]),
		...(switches.has("anonymous") ? [{ anonymous: true } as const] : []),
	];
	if (owners.length > 1) throw usage("Name only one of --user, --group and --anonymous.", command);
	return owners[0];
}

/** @throws FlowbrokerError USAGE */
export function requireOwner(call: CommandCall, command: string): access.RuleOwner {
	const owner = ownerOf(call, command);
	if (!owner) throw usage("Say whose rule it is: --user NAME, --group GROUP or --anonymous.", command);
	return owner;
}

/** The filter is checked by whoever changes the rules. @throws FlowbrokerError USAGE */
export function ruleOf({ files: words, values }: CommandCall, command: string): access.Rule {
	const [effectWord, actionWord, filter, ...more] = words;
	const effect = EFFECTS.find((each) => each === effectWord);
	if (!effect) throw usage("Say allow or deny first.", command);
	const action = ACTIONS.find((each) => each === actionWord);
	if (!action) throw usage(`Behind ${effect}, say publish, receive, subscribe or all.`, command);
	if (filter === undefined) throw usage("Say the topic filter in quotes, as in 'garden/#'.", command);
	if (more.length > 0) throw usage("There is one word too many: put the topic filter in quotes.", command);
	return { effect, action, filter, priority: priorityOf(values.priority, command) };
}

export function ownerText(owner: access.RuleOwner): string {
	if ("user" in owner) return `user "${owner.user}"`;
	return "group" in owner ? `group "${owner.group}"` : "anonymous clients";
}

export function ruleText({ effect, action, filter, priority }: access.Rule): string {
	return `${effect} ${action} ${filter}${priority === 0 ? "" : ` (priority ${priority})`}`;
}

function priorityOf(text: string | undefined, command: string): number {
	if (text === undefined) return 0;
	if (/^-?\d{1,9}(\.\d{1,9})?$/.test(text)) return Number(text);
	throw usage(`--priority ${text} is no number.`, command);
}
