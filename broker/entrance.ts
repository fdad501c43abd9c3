/** Who is let in: what access control, bans, the listener and the owner of the session say to somebody who logs in. */

import type { AccessControl, AuthExchange, Login, LoginResult } from "./access/access";
import type { BanList } from "./access/ban-list";
import type { DenialLog } from "./denial-log";
import { whyNotHere } from "./listener-policy";
import type { ListenerAdmission } from "./listeners/listener-options";
import { claimSession } from "./session-owner";

/** What the entrance asks the broker. */
export interface Premises {
	/** Who may use the listener; what it does not say itself is as for the whole broker. */
	admission(listener: string): ListenerAdmission;
	/** Whose session that is; undefined where there is none. */
	ownerOf(clientId: string): string | null | undefined;
	/** The session is nobody's. */
	forget(clientId: string): void;
}

type Welcome = LoginResult & { ok: true };

const ANONYMOUS_REFUSED: LoginResult = {
	ok: false,
	refusal: "not-allowed",
	reason: "clients without user name are not allowed here",
};

export class Entrance {
	readonly #access: AccessControl;
	readonly #bans: BanList;
	readonly #denials: DenialLog;
	readonly #premises: Premises;

	constructor(access: AccessControl, bans: BanList, denials: DenialLog, premises: Premises) {
		this.#access = access;
		this.#bans = bans;
		this.#denials = denials;
		this.#premises = premises;
	}

	async login(login: Login): Promise<LoginResult> {
		const user = login.certificateUser ?? login.username ?? null;
		// Asked twice: the first time spares a password check, the second knows the user for sure, and may be later.
		const banned = this.#bans.refusalOf(login, user);
		return this.#judge(login, user, banned ?? (await this.#ask(login, user)));
	}

	/** @returns undefined for a method that nobody here knows */
	authenticate(method: string, login: Login): AuthExchange | undefined {
		const exchange = this.#access.exchange?.(method, login);
		if (!exchange) return undefined;
		return {
			step: async (data) => {
				const step = await exchange.step(data);
				if (step.kind === "continue") return step;
				const verdict = this.#judge(login, step.result.ok ? step.result.access.user : null, step.result);
				if (!verdict.ok) return { kind: "refused", result: verdict };
				return step.kind === "done" ? { ...step, result: verdict } : step;
			},
		};
	}

	async #ask(login: Login, user: string | null): Promise<LoginResult> {
		if (user === null && !this.#premises.admission(login.listener).anonymous) return ANONYMOUS_REFUSED;
		return this.#access.login(login);
	}

	/** What the listener, the bans and the owner of the session say to somebody who has shown who it is. */
	#judge(login: Login, user: string | null, result: LoginResult): LoginResult {
		const verdict = result.ok ? this.#judgeWelcome(login, result) : result;
		if (!verdict.ok) {
			const { clientId, address } = login;
			this.#denials.record({ clientId, user, address, action: "connect", topic: "", reason: verdict.reason });
		}
		return verdict;
	}

	#judgeWelcome(login: Login, result: Welcome): LoginResult {
		const reason = whyNotHere(this.#premises.admission(login.listener), result.access);
		if (reason !== undefined) return { ok: false, refusal: "not-allowed", reason };
		return this.#bans.refusalOf(login, result.access.user) ?? this.#claim(login, result);
	}

	/** A session belongs to its user. */
	#claim({ clientId }: Login, result: Welcome): LoginResult {
		const owner = this.#premises.ownerOf(clientId);
		if (owner === undefined) return result;
		switch (claimSession(owner, result.access.user, (name) => this.#access.isUser(name))) {
			case "resume":
				return result;
			case "fresh":
				this.#premises.forget(clientId);
				return result;
			case "refuse":
				return { ok: false, refusal: "client-id", reason: `the client id "${clientId}" belongs to another user` };
		}
	}
}
