/** Tells when the time of a user has come. */

import type { AccessDocument } from "./model";

/** Looks at least this often, in milliseconds, because the clock may be set. */
const LONGEST = 3_600_000;

export class ExpiryClock {
	#timer: NodeJS.Timeout | undefined;
	/** Dates and users; those of the past are known to everybody. */
	#ahead: ReadonlyArray<{ readonly name: string; readonly at: number }> = [];

	/** @param now milliseconds since 1970 */
	constructor(
		private readonly now: () => number,
		private readonly onExpired: (users: ReadonlySet<string>) => void,
	) {}

	/** Watches the users of the document, and no others any more. */
	follow({ users }: AccessDocument): void {
		const now = this.now();
		this.#ahead = users
			.flatMap(({ name, expires }) => (expires === null ? [] : [{ name, at: Date.parse(expires) }]))
			.filter(({ at }) => at > now);
		this.#arm();
	}

	stop(): void {
		clearTimeout(this.#timer);
		this.#ahead = [];
	}

	#arm(): void {
		clearTimeout(this.#timer);
		const next = this.#ahead.reduce((least, { at }) => Math.min(least, at), Number.POSITIVE_INFINITY);
		if (next === Number.POSITIVE_INFINITY) return;
		const wait = Math.min(LONGEST, Math.max(1, next - this.now()));
		this.#timer = setTimeout(() => this.#look(), wait).unref();
	}

	#look(): void {
		const now = this.now();
		const expired = new Set(this.#ahead.filter(({ at }) => at <= now).map(({ name }) => name));
		this.#ahead = this.#ahead.filter(({ at }) => at > now);
		this.#arm();
		if (expired.size > 0) this.onExpired(expired);
	}
}
