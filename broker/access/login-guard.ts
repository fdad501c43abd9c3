/** What every login with a password goes through: bans before, delays after. */

import type { Login, LoginResult } from "./access";
import type { LoginThrottle } from "./login-throttle";

export type Refused = Extract<LoginResult, { ok: false }>;

/**
 * @param user the user name, known or not: the answer and its time are the same
 * @param verify is the password right? Its argument says whether that is still worth finding out
 * @returns why the login is refused; `undefined` when the password is right
 */
export async function guardLogin(
	throttle: LoginThrottle,
	address: string,
	user: string,
	verify: (wanted: () => boolean) => Promise<boolean>,
): Promise<Refused | undefined> {
	const before = whyBanned(throttle, address, user);
	if (before) return before;
	if (await verify(() => throttle.banOf(address, user) === undefined)) {
		throttle.succeeded(address, user);
		return undefined;
	}
	// Others of the same kind may have failed while this one waited for its turn.
	const after = whyBanned(throttle, address, user);
	if (after) return after;
	await throttle.failed(address, user);
	return refused("bad-password", "wrong user name or password");
}

/** @param user `undefined` asks for a ban of the whole address */
export function whyBanned(throttle: LoginThrottle, address: string, user?: string): Refused | undefined {
	const ban = throttle.banOf(address, user ?? "");
	if (!ban) return undefined;
	const whom = ban.user === null ? ban.address : `the user at ${ban.address}`;
	const until = new Date(ban.until).toISOString();
	return refused("banned", `${whom} is banned until ${until} after too many wrong passwords`);
}

export function refused(refusal: Refused["refusal"], reason: string): Refused {
	return { ok: false, refusal, reason };
}

/** For a fault during a login: the client gets no details, the log gets the sentence. */
export function faulty(error: unknown): Refused {
	return refused("fault", error instanceof Error ? error.message : "an unknown fault");
}

/** The password that the client sent; empty when there is none. */
export function passwordOf({ password }: Login): Buffer {
	return password ?? Buffer.alloc(0);
}
