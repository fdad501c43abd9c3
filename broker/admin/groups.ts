/** Commands about groups of users. */

import type { GroupChange } from "../access/edit-document";
import type { Group } from "../access/model";
import type { Broker } from "../broker";
import { FlowbrokerError } from "../errors";
import { type Arguments, known, text } from "./arguments";
import { usersOf } from "./users-of";

export interface GroupAnswer {
	readonly group: Group;
}

export function listGroups(broker: Broker, args: Arguments = {}): readonly Group[] {
	known(args, []);
	return usersOf(broker).groups();
}

/** @throws FlowbrokerError GROUP_UNKNOWN */
export function getGroup(broker: Broker, args: Arguments): Group {
	return find(broker, nameOf(args));
}

/** @param args `name`, `note`, `rules` */
export async function addGroup(broker: Broker, args: Arguments): Promise<GroupAnswer> {
	const { name: _name, ...change } = args;
	const name = text(args, "name");
	await usersOf(broker).addGroup(name, change as GroupChange);
	return { group: find(broker, name) };
}

/** @param args `name`, and what is to be changed: `note`, `rules` */
export async function modifyGroup(broker: Broker, args: Arguments): Promise<GroupAnswer> {
	const { name: _name, ...change } = args;
	const name = text(args, "name");
	await usersOf(broker).modifyGroup(name, change as GroupChange);
	return { group: find(broker, name) };
}

/** Its users lose the rights that they had by it. */
export async function removeGroup(broker: Broker, args: Arguments): Promise<{ readonly removed: string }> {
	const name = nameOf(args);
	await usersOf(broker).removeGroup(name);
	return { removed: name };
}

function nameOf(args: Arguments): string {
	return text(known(args, ["name"]), "name");
}

function find(broker: Broker, name: string): Group {
	const group = usersOf(broker)
		.groups()
		.find((each) => each.name === name);
	if (!group) throw new FlowbrokerError("GROUP_UNKNOWN", `There is no group "${name}".`);
	return group;
}
