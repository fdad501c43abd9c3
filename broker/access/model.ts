/** What is known about users, groups and rules: the content of `access.json`, version 1. */

/** What a rule says yes or no to. */
export type Action = "publish" | "receive" | "subscribe";

export type Effect = "allow" | "deny";

/** One line of rights. */
export interface Rule {
	readonly effect: Effect;
	/** `all` stands for publish, receive and subscribe. */
	readonly action: Action | "all";
	/**
	 * A topic filter. `%u` as a whole level stands for the user name, `%c` for the client id. A filter selects topics
	 * that start with `$` only when it starts with `$` itself.
	 */
	readonly filter: string;
	/** Higher goes first; at the same priority a deny goes before an allow. */
	readonly priority: number;
}

export interface User {
	readonly name: string;
	/** `$argon2id$...`, `$7$...` or `$6$...`; `null`: the user cannot log in. */
	readonly password: string | null;
	readonly enabled: boolean;
	/** Names of groups, each of which exists. */
	readonly groups: readonly string[];
	/** The only client ids that the user may log in with; `null`: any. */
	readonly clientIds: readonly string[] | null;
	/** ISO date, or date and time, from which on the user cannot log in. A date alone means midnight UTC at its start. */
	readonly expires: string | null;
	/** For people. */
	readonly note: string;
	/** Own rules; they form one list with those of the groups. */
	readonly rules: readonly Rule[];
}

export interface Group {
	readonly name: string;
	readonly note: string;
	readonly rules: readonly Rule[];
}

/** Clients that give no user name. */
export interface Anonymous {
	/** May they log in at all? */
	readonly enabled: boolean;
	readonly rules: readonly Rule[];
}

/**
 * What holds where no rule matches. Topics that start with `$` are denied even where the default is allow. With
 * `subscribe: "deny"` a subscription is still granted when some topic under its filter may be received.
 */
export type Defaults = { readonly [action in Action]: Effect };

export interface AccessDocument {
	readonly version: 1;
	readonly defaults: Defaults;
	readonly anonymous: Anonymous;
	readonly users: readonly User[];
	readonly groups: readonly Group[];
}

export const denyDefaults = { publish: "deny", receive: "deny", subscribe: "deny" } as const satisfies Defaults;

/** No users, no groups, anonymous off: nobody may do anything. */
export const emptyDocument: AccessDocument = Object.freeze({
	version: 1,
	defaults: denyDefaults,
	anonymous: Object.freeze({ enabled: false, rules: [] }),
	users: [],
	groups: [],
});

/** What a new user has unless something else is said. */
export const newUser = {
	password: null,
	enabled: true,
	groups: [],
	clientIds: null,
	expires: null,
	note: "",
	rules: [],
} as const satisfies Omit<User, "name">;
