/** What clients were not allowed to do: counted, kept for a while, and told at a rate that no flood can raise. */

/** One thing that one client was not allowed to do. */
export interface Denial {
	readonly clientId: string;
	readonly user: string | null;
	readonly address: string;
	readonly action: "connect" | "publish" | "subscribe" | "receive";
	/** Topic or topic filter; empty for a refused login. */
	readonly topic: string;
	/** The rule that decided, in words. */
	readonly reason: string;
	/** How often so far. */
	readonly count: number;
	/** Milliseconds since 1970, of the last time. */
	readonly at: number;
}

/** Different denials that are kept; the one that was quiet for longest goes first. */
const KEPT = 500;
/** Milliseconds for which the same denial is not told again. */
const QUIET = 60_000;
/** Denials that are told in one period of that length at the most. */
const TOLD_A_MINUTE = 100;

interface Entry {
	denial: Denial;
	toldAt: number;
}

export class DenialLog {
	/** In order of the last time. */
	readonly #entries = new Map<string, Entry>();
	readonly #tell: (denial: Denial) => void;
	readonly #now: () => number;
	#minute = 0;
	#told = 0;

	/** @param tell called for a new denial, and for a lasting one once a minute */
	constructor(tell: (denial: Denial) => void, now: () => number = Date.now) {
		this.#tell = tell;
		this.#now = now;
	}

	record(what: Omit<Denial, "count" | "at">): void {
		const at = this.#now();
		const key = JSON.stringify([what.clientId, what.user, what.action, what.topic]);
		const before = this.#entries.get(key);
		const entry: Entry = {
			denial: { ...what, count: (before?.denial.count ?? 0) + 1, at },
			toldAt: before?.toldAt ?? Number.NEGATIVE_INFINITY,
		};
		this.#entries.delete(key);
		this.#entries.set(key, entry);
		if (this.#entries.size > KEPT) this.#entries.delete(this.#entries.keys().next().value as string);
		if (at - entry.toldAt < QUIET || !this.#mayTell(at)) return;
		entry.toldAt = at;
		this.#tell(entry.denial);
	}

	/** Newest first. */
	recent(): Denial[] {
		return [...this.#entries.values()].map(({ denial }) => denial).reverse();
	}

	#mayTell(at: number): boolean {
		const minute = Math.floor(at / QUIET);
		if (minute !== this.#minute) this.#told = 0;
		this.#minute = minute;
		return ++this.#told <= TOLD_A_MINUTE;
	}
}
