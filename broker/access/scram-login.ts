/** Logs users of an access document in with SCRAM-SHA-256: their password must be kept in that form. */

import { randomBytes } from "node:crypto";
import type { AuthExchange, AuthStep, Login, SessionAccess } from "./access";
import { refused, whyBanned } from "./login-guard";
import type { LoginThrottle } from "./login-throttle";
import { parsePasswordHash, SCRAM, type ScramHash } from "./password-hash";
import type { RuleBook } from "./rule-book";
import { beginScram, type ScramAttempt } from "./scram";
import { whyNotAllowed } from "./user-login";

export interface ScramParts {
	readonly throttle: LoginThrottle;
	/** The rules of this moment. */
	readonly book: () => RuleBook;
	/** Milliseconds since 1970. */
	readonly now: () => number;
	readonly session: (user: string, clientId: string) => SessionAccess;
}

export class ScramLogins {
	readonly #parts: ScramParts;
	/** For the salts of users who do not exist. */
	readonly #secret = randomBytes(32);

	constructor(parts: ScramParts) {
		this.#parts = parts;
	}

	/** @returns undefined for a method that is not known */
	exchange(method: string, login: Login): AuthExchange | undefined {
		if (method !== SCRAM) return undefined;
		let attempt: ScramAttempt | undefined;
		return {
			step: async (data) => {
				if (attempt) return this.#end(attempt, data, login);
				attempt = beginScram(data ?? Buffer.alloc(0), (user) => this.#hashOf(user), this.#secret);
				if (!attempt) return { kind: "refused", result: refused("bad-password", "sent no SCRAM message") };
				const banned = whyBanned(this.#parts.throttle, login.address, attempt.user);
				if (banned) return { kind: "refused", result: banned };
				return { kind: "continue", data: attempt.challenge };
			},
		};
	}

	async #end({ user, verify }: ScramAttempt, data: Buffer | undefined, login: Login): Promise<AuthStep> {
		const { throttle, book, now, session } = this.#parts;
		const { address, clientId } = login;
		const answer = verify(data ?? Buffer.alloc(0));
		const banned = whyBanned(throttle, address, user);
		if (banned) return { kind: "refused", result: banned };
		if (!answer) {
			await throttle.failed(address, user);
			return { kind: "refused", result: refused("bad-password", "wrong user name or password") };
		}
		throttle.succeeded(address, user);
		const why = whyNotAllowed(book().user(user), clientId, now());
		if (why) return { kind: "refused", result: why };
		return { kind: "done", data: answer, result: { ok: true, access: session(user, clientId) } };
	}

	#hashOf(user: string): ScramHash | undefined {
		const text = this.#parts.book().user(user)?.password;
		if (typeof text !== "string") return undefined;
		const parsed = parsePasswordHash(text);
		return parsed.kind === "scram" ? parsed : undefined;
	}
}
