/** Logs users of an access document in: verifies the password, then looks at what else is said about the user. */

import type { Login } from "./access";
import { faulty, guardLogin, passwordOf, type Refused, refused, whyBanned } from "./login-guard";
import type { LoginThrottle } from "./login-throttle";
import type { User } from "./model";
import { needsUpgrade, type PasswordHasher } from "./password";
import { isExpired, mayUse, type RuleBook } from "./rule-book";

export interface UserLoginParts {
	readonly hasher: PasswordHasher;
	readonly throttle: LoginThrottle;
	/** The rules of this moment. */
	readonly book: () => RuleBook;
	/** Milliseconds since 1970. */
	readonly now: () => number;
	/** Replaces the old hash of a user, whose password is right, by a better one. */
	readonly upgrade: (user: string, from: string, to: string) => void;
}

/** @returns why the login is refused, or the user who is logged in; `null` is anonymous */
export async function logIn(parts: UserLoginParts, login: Login): Promise<Refused | { user: string | null }> {
	try {
		const { username, certificateUser } = login;
		if (certificateUser !== undefined) return logInByCertificate(parts, login, certificateUser);
		if (username === undefined && login.password === undefined) return logInAnonymous(parts, login);
		// A password without a user name, or an empty name, is no anonymous login: somebody means to be checked.
		const name = username ?? "";
		const wrong = await guardLogin(parts.throttle, login.address, name, (wanted) => verify(parts, login, name, wanted));
		if (wrong) return wrong;
		return whyNotAllowed(parts.book().user(name), login.clientId, parts.now()) ?? { user: name };
	} catch (error) {
		return faulty(error);
	}
}

function logInAnonymous({ throttle, book }: UserLoginParts, { address }: Login): Refused | { user: null } {
	const banned = whyBanned(throttle, address);
	if (banned) return banned;
	if (book().document.anonymous.enabled) return { user: null };
	return refused("not-allowed", "clients without user name are not allowed");
}

/** The certificate has proven the name: there is no password to check, and nothing to guess. */
function logInByCertificate(
	{ book, now }: UserLoginParts,
	{ clientId }: Login,
	name: string,
): Refused | { user: string } {
	const user = book().user(name);
	if (!user) return refused("not-allowed", `there is no user "${name}", the name in the client's certificate`);
	return whyNotAllowed(user, clientId, now()) ?? { user: name };
}

/** Only asked when the password is right, so that nobody learns from it who exists. */
export function whyNotAllowed(user: User | undefined, clientId: string, now: number): Refused | undefined {
	if (!user) return refused("bad-password", "wrong user name or password");
	if (!user.enabled) return refused("not-allowed", `the user "${user.name}" is disabled`);
	if (isExpired(user, now)) return refused("not-allowed", `the user "${user.name}" has expired`);
	if (!mayUse(user, clientId)) return refused("client-id", `the user "${user.name}" may not use this client id`);
	return undefined;
}

async function verify(parts: UserLoginParts, login: Login, name: string, wanted: () => boolean): Promise<boolean> {
	const password = passwordOf(login);
	if (name === "" || password.length === 0) return false;
	for (;;) {
		const hash = parts.book().user(name)?.password ?? null;
		const right = await isRight(parts, name, password, hash, wanted);
		// The password may have been changed meanwhile: then only the new one counts.
		if ((parts.book().user(name)?.password ?? null) === hash) return right;
	}
}

/** Takes the time of one of our own hashes at least, whether the user exists or not, and whatever the hash is. */
async function isRight(
	{ hasher, upgrade }: UserLoginParts,
	name: string,
	password: Buffer,
	hash: string | null,
	wanted: () => boolean,
): Promise<boolean> {
	if (hash === null) {
		await hasher.verifyNothing(password, wanted);
		return false;
	}
	const right = await hasher.verify(password, hash, wanted);
	if (!needsUpgrade(hash)) {
		if (!right && !hash.startsWith("$argon2id$")) await hasher.verifyNothing(password, wanted);
		return right;
	}
	if (right) upgrade(name, hash, await hasher.hash(password));
	else await hasher.verifyNothing(password, wanted);
	return right;
}
