/** What the broker asks before it lets anybody do anything. Implementations decide; the engine obeys. */

import type { Ban } from "./login-throttle";

/** A CONNECT that waits for a yes or no. */
export interface Login {
	readonly clientId: string;
	readonly username?: string;
	readonly password?: Buffer;
	/** Address of the peer, without port. */
	readonly address: string;
	/** Name of the listener that took the connection. */
	readonly listener: string;
	/** The user whom the client's TLS certificate names: proven, in place of user name and password. */
	readonly certificateUser?: string;
}

/** Why a login was refused. `bad-password` covers unknown users too: the answer must not tell them apart. */
export type LoginRefusal = "bad-password" | "not-allowed" | "banned" | "client-id" | "fault";

export type LoginResult =
	| { readonly ok: true; readonly access: SessionAccess }
	| { readonly ok: false; readonly refusal: LoginRefusal; readonly reason: string };

/** What comes of one message in the exchange of an enhanced authentication. */
export type AuthStep =
	| { readonly kind: "continue"; readonly data: Buffer }
	| { readonly kind: "done"; readonly data: Buffer; readonly result: LoginResult & { readonly ok: true } }
	| { readonly kind: "refused"; readonly result: LoginResult & { readonly ok: false } };

/** One enhanced authentication under way. [MQTT 5, 4.12] */
export interface AuthExchange {
	/** Never rejects. @param data of the client's message; undefined where it has none */
	step(data: Buffer | undefined): Promise<AuthStep>;
}

/** A yes or no, with the rule that decided in words for a person. */
export interface Decision {
	readonly allow: boolean;
	readonly reason: string;
}

/** The rights of one session. Asked for every message, so an implementation keeps answers at hand. */
export interface SessionAccess {
	/** `null` for a client that gave no user name. */
	readonly user: string | null;
	/** Nobody has checked the user name: listeners take the client for one without. Default: it was checked. */
	readonly unproven?: boolean;
	/** The groups of the user at the login, for listeners that are only for some. */
	readonly groups?: readonly string[];
	mayPublish(topic: string): Decision;
	/** Asked for a subscription; for a shared one with the filter behind `$share/<group>/`. */
	maySubscribe(filter: string): Decision;
	/** Asked for each delivery: live, retained or queued. */
	mayReceive(topic: string): Decision;
}

/** A change of the rules while the broker runs. `users` are those whose sessions have to log in again. */
export interface AccessChange {
	readonly users: ReadonlySet<string | null>;
}

/** The one who decides. */
export interface AccessControl {
	/** Reads what it needs. Never rejects for a file that is broken: nobody passes until it is repaired. */
	start(): Promise<void>;
	stop(): Promise<void>;
	/** Is there such a user, who may log in? */
	isUser(name: string): boolean;
	/** Never rejects: a fault inside is a refusal. */
	login(login: Login): Promise<LoginResult>;
	/** Begins an enhanced authentication, in place of {@link AccessControl.login}. @returns undefined for an unknown method */
	exchange?(method: string, login: Login): AuthExchange | undefined;
	/** Bans for too many wrong passwords that hold now; none where there are no passwords. */
	bans?(): Ban[];
	/** @param user `null` for the ban of a whole address. @returns false when there is no such ban */
	liftBan?(address: string, user: string | null): boolean;
	/** Tells about changes until the returned function is called. */
	onChange(listener: (change: AccessChange) => void): () => void;
}
