/** Commands about users. No answer holds a hash, and a password only in the one answer that made it up. */

import type { UserView } from "../access/access-store";
import type { UserChange } from "../access/edit-document";
import type { Broker } from "../broker";
import { FlowbrokerError } from "../errors";
import { type Arguments, invalidArgument, known, text, trueOrFalse } from "./arguments";
import { generatePassword } from "./generated-password";
import { usersOf } from "./users-of";

export interface UserAnswer {
	readonly user: UserView;
	/** Only after `generate`: it is shown here and never again. */
	readonly password?: string;
}

export function listUsers(broker: Broker, args: Arguments = {}): readonly UserView[] {
	known(args, []);
	return usersOf(broker).users();
}

/** @throws FlowbrokerError USER_UNKNOWN */
export function getUser(broker: Broker, args: Arguments): UserView {
	return viewOf(broker, nameOf(args));
}

/**
 * @param args `name`; `password`, or `generate: true`, or neither for a user who cannot log in yet; and what can be
 * said about a user: `enabled`, `groups`, `clientIds`, `expires`, `note`, `rules`
 */
export async function addUser(broker: Broker, args: Arguments): Promise<UserAnswer> {
	const { name: _name, password, generate, ...change } = args;
	const name = text(args, "name");
	const chosen = passwordOf({ password, generate });
	await usersOf(broker).addUser(name, chosen, change as UserChange);
	return answer(broker, name, chosen, generate);
}

/** @param args `name`, and what is to be changed; the password is set on its own */
export async function modifyUser(broker: Broker, args: Arguments): Promise<UserAnswer> {
	const { name: _name, ...change } = args;
	const name = text(args, "name");
	await usersOf(broker).modifyUser(name, change as UserChange);
	return { user: viewOf(broker, name) };
}

export async function removeUser(broker: Broker, args: Arguments): Promise<{ readonly removed: string }> {
	const name = nameOf(args);
	await usersOf(broker).removeUser(name);
	return { removed: name };
}

/** Sessions of the user are ended. @param args `name`; `password` or `generate: true` */
export async function setPassword(broker: Broker, args: Arguments): Promise<UserAnswer> {
	const { password, generate } = known(args, ["name", "password", "generate"]);
	const name = text(args, "name");
	const chosen = passwordOf({ password, generate });
	if (chosen === null) throw invalidArgument("password", "is missing: give one, or say generate: true");
	await usersOf(broker).setPassword(name, chosen);
	return answer(broker, name, chosen, generate);
}

export async function enableUser(broker: Broker, args: Arguments): Promise<UserAnswer> {
	return setEnabled(broker, nameOf(args), true);
}

/** Sessions of the user are ended. */
export async function disableUser(broker: Broker, args: Arguments): Promise<UserAnswer> {
	return setEnabled(broker, nameOf(args), false);
}

async function setEnabled(broker: Broker, name: string, enabled: boolean): Promise<UserAnswer> {
	await usersOf(broker).setEnabled(name, enabled);
	return { user: viewOf(broker, name) };
}

function nameOf(args: Arguments): string {
	return text(known(args, ["name"]), "name");
}

/** An error must not quote what was given as password, whatever it is. */
function passwordOf(args: Arguments): string | null {
	const generate = trueOrFalse(args, "generate", false);
	const { password } = args;
	if (password === undefined || password === null) return generate ? generatePassword() : null;
	if (generate) throw invalidArgument("password", "can't be given together with generate");
	if (typeof password !== "string") throw invalidArgument("password", "must be a text");
	return password;
}

function answer(broker: Broker, name: string, password: string | null, generate: unknown): UserAnswer {
	const user = viewOf(broker, name);
	return password !== null && trueOrFalse({ generate }, "generate", false) ? { user, password } : { user };
}

function viewOf(broker: Broker, name: string): UserView {
	const user = usersOf(broker).user(name);
	if (!user) throw new FlowbrokerError("USER_UNKNOWN", `There is no user "${name}".`);
	return user;
}
