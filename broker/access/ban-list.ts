/** Clients, users and addresses that an administrator keeps out for a while. In memory only. */

import { FlowbrokerError } from "../errors";
import type { Login } from "./access";
import { addressKey } from "./address";
import { type Refused, refused } from "./login-guard";

/** Who is banned: one of the three. An IPv6 address stands for its network of 64 bits. */
export type BanTarget = { readonly clientId: string } | { readonly user: string } | { readonly address: string };

/** A ban by an administrator that holds now. Exactly one of the first three is not `null`. */
export interface AdministratorBan {
	readonly clientId: string | null;
	readonly user: string | null;
	readonly address: string | null;
	/** Milliseconds since 1970. */
	readonly until: number;
	/** For people. */
	readonly reason: string;
}

/** More than a person sets; a flow that bans in a loop must not fill the memory. */
const MOST = 10_000;

export class BanList {
	readonly #bans = new Map<string, AdministratorBan>();

	/**
	 * @param now milliseconds since 1970
	 * @param onBan told of each ban
	 */
	constructor(
		private readonly now: () => number = Date.now,
		private readonly onBan: (ban: AdministratorBan) => void = () => {},
	) {}

	/**
	 * Bans, or changes the ban there is.
	 * @param until milliseconds since 1970
	 * @throws FlowbrokerError BANS_FULL
	 */
	add(target: BanTarget, until: number, reason: string): AdministratorBan {
		const key = keyOf(target);
		this.#forgetEnded();
		if (this.#bans.size >= MOST && !this.#bans.has(key)) {
			throw new FlowbrokerError(
				"BANS_FULL",
				`There are ${MOST} bans already: lift some, or wait until some have ended.`,
			);
		}
		const ban = { clientId: null, user: null, address: null, ...normal(target), until, reason };
		this.#bans.set(key, ban);
		this.onBan(ban);
		return ban;
	}

	/** @returns false when there is no such ban */
	lift(target: BanTarget): boolean {
		this.#forgetEnded();
		return this.#bans.delete(keyOf(target));
	}

	list(): AdministratorBan[] {
		this.#forgetEnded();
		return [...this.#bans.values()];
	}

	/** The ban that keeps a client out; `user` is `null` for one that gives no user name. */
	find(client: { readonly clientId: string; readonly user: string | null; readonly address: string }) {
		if (this.#bans.size === 0) return undefined;
		const { clientId, user, address } = client;
		const targets: BanTarget[] = [{ clientId }, { address }, ...(user === null ? [] : [{ user }])];
		return targets.map((target) => this.#bans.get(keyOf(target))).find((ban) => ban && ban.until > this.now());
	}

	/** @param user `null` for a client that gives no user name. @returns `undefined` when no ban keeps the client out */
	refusalOf({ clientId, address }: Login, user: string | null): Refused | undefined {
		const ban = this.find({ clientId, user, address });
		if (!ban) return undefined;
		const until = new Date(ban.until).toISOString();
		return refused("banned", `banned by an administrator until ${until}: ${ban.reason}`);
	}

	#forgetEnded(): void {
		for (const [key, { until }] of this.#bans) if (until <= this.now()) this.#bans.delete(key);
	}
}

function normal(target: BanTarget): BanTarget {
	return "address" in target ? { address: addressKey(target.address) } : target;
}

function keyOf(target: BanTarget): string {
	return JSON.stringify(normal(target));
}
