/** The table of commands by name, for the node and for whoever else takes commands by name. */

import type { Broker } from "../broker";
import { FlowbrokerError } from "../errors";
import type { Arguments } from "./arguments";
import { banClient, liftBan, listBans } from "./bans";
import { getClient, kickClient, listClients, listHistory } from "./clients";
import { getAnonymous, getDefaults, setAnonymous, setDefaults } from "./defaults";
import { listDenials } from "./denials";
import { addGroup, getGroup, listGroups, modifyGroup, removeGroup } from "./groups";
import { getOverview, getStatistics } from "./overview";
import { clearRetained, listRetained } from "./retained";
import { addRule, removeRule } from "./rules";
import { testAccess } from "./test-access";
import { addUser, disableUser, enableUser, getUser, listUsers, modifyUser, removeUser, setPassword } from "./users";

/**
 * Does one thing for an administrator.
 * @returns JSON, or a promise of it; rejects or throws a FlowbrokerError when nothing was changed
 */
export type Command = (broker: Broker, args: Arguments) => unknown;

/** Name, what it does, and the argument that a plain text stands for. */
const table = {
	overview: [getOverview, undefined],
	statistics: [getStatistics, undefined],
	listUsers: [listUsers, undefined],
	getUser: [getUser, "name"],
	addUser: [addUser, undefined],
	modifyUser: [modifyUser, undefined],
	removeUser: [removeUser, "name"],
	setPassword: [setPassword, undefined],
	enableUser: [enableUser, "name"],
	disableUser: [disableUser, "name"],
	listGroups: [listGroups, undefined],
	getGroup: [getGroup, "name"],
	addGroup: [addGroup, "name"],
	modifyGroup: [modifyGroup, undefined],
	removeGroup: [removeGroup, "name"],
	addRule: [addRule, undefined],
	removeRule: [removeRule, undefined],
	getDefaults: [getDefaults, undefined],
	setDefaults: [setDefaults, undefined],
	getAnonymous: [getAnonymous, undefined],
	setAnonymous: [setAnonymous, undefined],
	test: [testAccess, undefined],
	listBans: [listBans, undefined],
	liftBan: [liftBan, undefined],
	listDenials: [listDenials, undefined],
	listClients: [listClients, "filter"],
	getClient: [getClient, "id"],
	listHistory: [listHistory, undefined],
	kickClient: [kickClient, "id"],
	banClient: [banClient, undefined],
	listRetained: [listRetained, "filter"],
	clearRetained: [clearRetained, "filter"],
} as const satisfies Record<string, readonly [Command, string | undefined]>;

export type CommandName = keyof typeof table;

export const commandNames = Object.keys(table) as readonly CommandName[];

/** @throws FlowbrokerError COMMAND_UNKNOWN */
export function commandName(name: unknown): CommandName {
	const found = commandNames.find((each) => each === name);
	if (found) return found;
	const shown =
		typeof name === "string" && name !== "" ? `"${name.slice(0, 60)}" is no command.` : "No command is given.";
	throw new FlowbrokerError("COMMAND_UNKNOWN", `${shown} There are ${commandNames.join(", ")}.`);
}

/**
 * @param input an object of arguments; or a text, which stands for the one argument that the command is mostly given.
 * Anything else, such as the timestamp of an inject node, counts as no arguments.
 * @returns a copy, so that whoever gets it may change it
 */
export async function runCommand(broker: Broker, name: CommandName, input: unknown): Promise<unknown> {
	const [command, main]: readonly [Command, string | undefined] = table[name];
	return structuredClone(await command(broker, argumentsOf(input, main)));
}

function argumentsOf(input: unknown, main: string | undefined): Arguments {
	if (typeof input === "string" && main !== undefined && input !== "") return { [main]: input };
	return typeof input === "object" && input !== null && !Array.isArray(input) ? (input as Arguments) : {};
}
