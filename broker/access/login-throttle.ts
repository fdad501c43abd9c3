/** Slows down those who guess passwords, and bans them for a while. In memory only. */

import { setTimeout as sleep } from "node:timers/promises";
import { addressKey, isLoopbackAddress } from "./address";

/** All times in milliseconds. */
export interface ThrottleOptions {
	/** Delay of the answer to the first failure; doubles with each further one. */
	readonly delay: number;
	readonly longestDelay: number;
	/** Failures of one user from one address until both together are banned. */
	readonly failuresPerUser: number;
	/** Failures from one address until all of it is banned. This machine itself is never banned as a whole. */
	readonly failuresPerAddress: number;
	/** Duration of the first ban; doubles with each further one. */
	readonly ban: number;
	readonly longestBan: number;
	/** Failures are forgotten after so long without another. */
	readonly forget: number;
	/** How many pairs of address and user are remembered; the oldest are forgotten first. */
	readonly entries: number;
	/** Delayed answers at the same time; beyond that they are given at once. */
	readonly delayed: number;
}

export const defaultThrottle = {
	delay: 100,
	longestDelay: 5_000,
	failuresPerUser: 10,
	failuresPerAddress: 50,
	ban: 60_000,
	longestBan: 3_600_000,
	forget: 900_000,
	entries: 10_000,
	delayed: 500,
} as const satisfies ThrottleOptions;

/** A ban that holds now. */
export interface Ban {
	/** An address, or an IPv6 network of 64 bits. */
	readonly address: string;
	/** `null`: whoever comes from the address. */
	readonly user: string | null;
	/** Milliseconds since 1970. */
	readonly until: number;
}

interface Entry {
	readonly address: string;
	readonly user: string | null;
	failures: number;
	bans: number;
	last: number;
	until: number;
}

/** User names are remembered up to this length: a client could send 65535 bytes each time. */
const LONGEST_NAME = 256;

export class LoginThrottle {
	readonly #options: ThrottleOptions;
	readonly #entries = new Map<string, Entry>();
	#stop = new AbortController();
	#delayed = 0;

	/** @param onBan told when a ban begins */
	constructor(
		options: Partial<ThrottleOptions> = {},
		private readonly now: () => number = Date.now,
		private readonly onBan: (ban: Ban) => void = () => {},
	) {
		this.#options = { ...defaultThrottle, ...options };
	}

	/** The ban that keeps the user from logging in from the address; the one of the address alone goes first. */
	banOf(address: string, user: string): Ban | undefined {
		for (const key of [keyOf(address, null), keyOf(address, user)]) {
			const entry = this.#entries.get(key);
			if (entry && entry.until > this.now()) return viewOf(entry);
		}
		return undefined;
	}

	/** Counts a failure, and resolves when the answer may be given. */
	async failed(address: string, user: string): Promise<void> {
		const { failuresPerUser, failuresPerAddress, delay, longestDelay, delayed } = this.#options;
		if (!isLoopbackAddress(address)) this.#count(address, null, failuresPerAddress);
		const failures = this.#count(address, user, failuresPerUser);
		const wait = Math.min(longestDelay, delay * 2 ** Math.min(failures - 1, 20));
		if (wait <= 0 || this.#delayed >= delayed) return;
		this.#delayed++;
		try {
			await sleep(wait, undefined, { ref: false, signal: this.#stop.signal });
		} catch {
			// Stopped: the answer is given at once.
		} finally {
			this.#delayed--;
		}
	}

	/** Forgets the failures of the user from the address, but not those of the address with other users. */
	succeeded(address: string, user: string): void {
		this.#entries.delete(keyOf(address, user));
	}

	bans(): Ban[] {
		const now = this.now();
		return [...this.#entries.values()].filter(({ until }) => until > now).map(viewOf);
	}

	/** @returns false when there is no such ban */
	lift(address: string, user: string | null): boolean {
		const key = keyOf(address, user);
		const entry = this.#entries.get(key);
		return entry !== undefined && this.#entries.delete(key) && entry.until > this.now();
	}

	/** Delays answers again after {@link close}. */
	open(): void {
		if (this.#stop.signal.aborted) this.#stop = new AbortController();
	}

	/** Gives all delayed answers now; bans stay. */
	close(): void {
		this.#stop.abort();
	}

	#count(address: string, user: string | null, most: number): number {
		const { ban, longestBan, forget, entries } = this.#options;
		const now = this.now();
		const key = keyOf(address, user);
		const known = this.#entries.get(key);
		const fresh = { address: addressKey(address), user: user === null ? null : shortName(user) };
		const entry: Entry =
			known && now - Math.max(known.last, known.until) <= forget
				? known
				: { ...fresh, failures: 0, bans: 0, last: now, until: 0 };
		entry.failures++;
		entry.last = now;
		// Who is banned already and was under way before is not banned twice for it.
		if (entry.failures >= most && entry.until <= now) {
			entry.until = now + Math.min(longestBan, ban * 2 ** Math.min(entry.bans, 30));
			entry.bans++;
			this.onBan(viewOf(entry));
		}
		this.#entries.delete(key);
		this.#entries.set(key, entry);
		for (const oldest of this.#entries.keys()) {
			if (this.#entries.size <= entries) break;
			this.#entries.delete(oldest);
		}
		return entry.failures;
	}
}

function keyOf(address: string, user: string | null): string {
	return JSON.stringify(user === null ? [addressKey(address)] : [addressKey(address), shortName(user)]);
}

function shortName(user: string): string {
	return user.length <= LONGEST_NAME ? user : `${user.slice(0, LONGEST_NAME)}...`;
}

function viewOf({ address, user, until }: Entry): Ban {
	return { address, user, until };
}
