/** Puts what was read from Mosquitto's files into an access document that has users and rules already. */

import { isDeepStrictEqual } from "node:util";
import { access } from "../../../broker";

export interface MergeOptions {
	/** Which files there are: the password file says who logs in how, the ACL file who may do what. */
	readonly passwords: boolean;
	readonly acl: boolean;
	/** Does the import go before what is there? */
	readonly replace: boolean;
}

export interface Merged {
	readonly document: access.AccessDocument;
	/** One line each, for a person. */
	readonly changes: readonly string[];
	/** What is there, is not the same in the files, holds for more than one user, and may not be replaced. */
	readonly conflicts: readonly string[];
}

/** Users and groups that are not in the files stay as they are. */
export function mergeImport(
	now: access.AccessDocument,
	imported: access.AccessDocument,
	options: MergeOptions,
): Merged {
	// Nothing is there yet: all is taken, also what holds where there is no ACL file.
	const isNew = isDeepStrictEqual(now, access.emptyDocument);
	const merge = new Merge(now, { ...options, acl: options.acl || isNew, replace: options.replace || isNew });
	return merge.take(imported);
}

class Merge {
	readonly #changes: string[] = [];
	readonly #conflicts: string[] = [];

	constructor(
		private readonly now: access.AccessDocument,
		private readonly options: MergeOptions,
	) {}

	take(imported: access.AccessDocument): Merged {
		const { acl } = this.options;
		const document: access.AccessDocument = {
			...this.now,
			...(acl && { defaults: this.#defaults(imported), groups: this.#groups(imported) }),
			anonymous: this.#anonymous(imported),
			users: this.#users(imported),
		};
		return { document, changes: this.#changes, conflicts: this.#conflicts };
	}

	#defaults({ defaults }: access.AccessDocument): access.Defaults {
		const text = Object.entries(defaults).map(([action, effect]) => `${effect} ${action}`);
		const wording = `where no rule matches: ${text.join(", ")}`;
		return this.#choose(this.now.defaults, defaults, wording, `the file says, ${wording}`);
	}

	#anonymous({ anonymous }: access.AccessDocument): access.Anonymous {
		const { acl } = this.options;
		const now = this.now.anonymous;
		// Nobody is kept out, or let in, by an import that does not speak of it.
		const enabled = now.enabled || anonymous.enabled;
		if (enabled !== now.enabled) this.#changes.push("clients without user name are let in");
		if (!acl) return { ...now, enabled };
		const few = `clients without user name: ${anonymous.rules.length} rules`;
		const rules =
			now.rules.length === 0 && anonymous.rules.length > 0
				? this.#changed(few, anonymous.rules)
				: this.#choose(now.rules, anonymous.rules, few, "clients without user name have other rules");
		return { enabled, rules };
	}

	#groups({ groups }: access.AccessDocument): readonly access.Group[] {
		const merged = byName(this.now.groups);
		for (const group of groups) {
			const before = merged.get(group.name);
			merged.set(group.name, before ? this.#changedGroup(before, group) : this.#newGroup(group));
		}
		return [...merged.values()];
	}

	#newGroup(group: access.Group): access.Group {
		return this.#changed(`added group "${group.name}": ${group.rules.length} rules`, group);
	}

	#changedGroup(before: access.Group, { name, rules }: access.Group): access.Group {
		const change = `changed group "${name}": ${rules.length} rules`;
		return { ...before, rules: this.#choose(before.rules, rules, change, `the group "${name}" has other rules`) };
	}

	#users({ users }: access.AccessDocument): readonly access.User[] {
		const merged = byName(this.now.users);
		for (const user of users) {
			const before = merged.get(user.name);
			merged.set(user.name, before ? this.#changedUser(before, user) : this.#newUser(user));
		}
		return [...merged.values()];
	}

	#newUser(user: access.User): access.User {
		const { acl } = this.options;
		const password = user.password === null ? "no password" : "with password";
		const rights = acl ? `, ${user.rules.length} rules` : ", no rules yet";
		this.#changes.push(`added user "${user.name}": ${password}${rights}`);
		return acl ? user : { ...user, rules: [], groups: [] };
	}

	#changedUser(before: access.User, user: access.User): access.User {
		const { acl, replace } = this.options;
		const password = user.password ?? before.password;
		const { rules, groups } = acl ? user : before;
		const changed = { ...before, password, rules, groups };
		if (isDeepStrictEqual(changed, before)) return before;
		if (!replace) {
			this.#changes.push(`kept user "${user.name}": is there already, and --replace was not said`);
			return before;
		}
		const news = [
			...(password === before.password ? [] : ["new password"]),
			...(isDeepStrictEqual([rules, groups], [before.rules, before.groups]) ? [] : [`${rules.length} rules`]),
		];
		return this.#changed(`changed user "${user.name}": ${news.join(", ")}`, changed);
	}

	/** What holds for many is never mixed: either it is the same, or one goes before the other. */
	#choose<T>(before: T, after: T, change: string, conflict: string): T {
		if (isDeepStrictEqual(before, after)) return before;
		if (this.options.replace) return this.#changed(change, after);
		this.#conflicts.push(conflict);
		return before;
	}

	#changed<T>(change: string, value: T): T {
		this.#changes.push(change);
		return value;
	}
}

function byName<T extends { readonly name: string }>(named: readonly T[]): Map<string, T> {
	return new Map(named.map((each) => [each.name, each]));
}
