/** An access document made ready for decisions: users by name, rules compiled when first needed. */

import { decidePublish, decideReceive, decideSubscribe, type Rights, type Verdict } from "./decide";
import type { AccessDocument, Group, User } from "./model";
import { CompiledRules } from "./rules";
import type { Decider } from "./session";
import { refuseAll } from "./session";

export class RuleBook {
	readonly #users: ReadonlyMap<string, User>;
	readonly #groups: ReadonlyMap<string, Group>;
	readonly #compiledGroups = new Map<string, CompiledRules>();
	readonly #compiledUsers = new Map<string, CompiledRules>();
	#compiledAnonymous: CompiledRules | undefined;

	constructor(readonly document: AccessDocument) {
		this.#users = new Map(document.users.map((user) => [user.name, user]));
		this.#groups = new Map(document.groups.map((group) => [group.name, group]));
	}

	user(name: string): User | undefined {
		return this.#users.get(name);
	}

	/** What the user may do, whether or not the user may log in; `undefined` for an unknown one. `null` is anonymous. */
	rights(user: string | null, clientId: string): Rights | undefined {
		const lists = user === null ? [this.#anonymous()] : this.#listsOf(user);
		return lists && { names: { user, clientId }, lists, defaults: this.document.defaults };
	}

	/** Answers for a session; everything is refused to one that could not log in now. */
	decider(user: string | null, clientId: string, now: number): Decider {
		const ended = whyEnded(this, user, clientId, now);
		if (ended !== undefined) return refuseAll(ended);
		const rights = this.rights(user, clientId);
		if (!rights) return refuseAll("the user does not exist any more");
		return {
			publish: (topic): Verdict => decidePublish(rights, topic),
			subscribe: (filter): Verdict => decideSubscribe(rights, filter),
			receive: (topic): Verdict => decideReceive(rights, topic),
		};
	}

	#listsOf(name: string): CompiledRules[] | undefined {
		const user = this.#users.get(name);
		if (!user) return undefined;
		const own = remember(this.#compiledUsers, name, () => new CompiledRules(user.rules, `user "${name}"`));
		return [own, ...user.groups.map((group) => this.#group(group))];
	}

	#group(name: string): CompiledRules {
		const rules = this.#groups.get(name)?.rules ?? [];
		return remember(this.#compiledGroups, name, () => new CompiledRules(rules, `group "${name}"`));
	}

	#anonymous(): CompiledRules {
		this.#compiledAnonymous ??= new CompiledRules(this.document.anonymous.rules, "anonymous clients");
		return this.#compiledAnonymous;
	}
}

/** Has the time of the user come? @param now milliseconds since 1970 */
export function isExpired({ expires }: User, now: number): boolean {
	return expires !== null && Date.parse(expires) <= now;
}

/** May the user log in with the client id? */
export function mayUse({ clientIds }: User, clientId: string): boolean {
	return clientIds === null || clientIds.includes(clientId);
}

/** Why a session with this user and client id must not go on, in words for a person; `undefined` when it may. */
export function whyEnded(book: RuleBook, name: string | null, clientId: string, now: number): string | undefined {
	if (name === null) return book.document.anonymous.enabled ? undefined : "anonymous clients are not allowed any more";
	const user = book.user(name);
	if (!user) return "the user does not exist any more";
	if (!user.enabled) return "the user is disabled";
	if (isExpired(user, now)) return "the user has expired";
	return mayUse(user, clientId) ? undefined : "the user may not use this client id";
}

/** The users whose sessions have to log in again after a change; `null` is anonymous. */
export function usersToLogInAgain(now: AccessDocument, before: AccessDocument, time: number): Set<string | null> {
	const users = new Set<string | null>();
	if (before.anonymous.enabled && !now.anonymous.enabled) users.add(null);
	if (now.users === before.users) return users;
	const current = new Map(now.users.map((user) => [user.name, user]));
	for (const old of before.users) {
		const user = current.get(old.name);
		if (user === old) continue;
		if (!user?.enabled || isExpired(user, time) || user.password !== old.password || !stillAllowsIds(user, old)) {
			users.add(old.name);
		}
	}
	return users;
}

/** May every client id that was allowed still be used? */
function stillAllowsIds({ clientIds: now }: User, { clientIds: before }: User): boolean {
	return now === null || before?.every((id) => now.includes(id)) === true;
}

function remember<T>(memory: Map<string, T>, key: string, make: () => T): T {
	const known = memory.get(key);
	if (known !== undefined) return known;
	const made = make();
	memory.set(key, made);
	return made;
}
