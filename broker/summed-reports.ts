/** Tells of what happens again and again: the first of a kind at once, those after it in sums. */

/** Milliseconds between two reports of one kind. */
const INTERVAL = 10_000;
/** Kinds that are followed at the same time; what is beyond them is told as one. */
const MOST_KINDS = 100;

/** What came after a report. */
interface Following<Report> {
	readonly timer: NodeJS.Timeout;
	count: number;
	last: Report;
}

export class SummedReports<Report> {
	readonly #following = new Map<string, Following<Report>>();
	readonly #tell: (report: Report, count: number) => void;
	readonly #ofMany: (last: Report) => Report;
	readonly #interval: number;

	/**
	 * @param tell is given the last one of a kind, and how many there were since the report before
	 * @param ofMany makes a report that stands for many kinds, out of the last one
	 */
	constructor(
		tell: (report: Report, count: number) => void,
		ofMany: (last: Report) => Report = (last) => last,
		interval: number = INTERVAL,
	) {
		this.#tell = tell;
		this.#ofMany = ofMany;
		this.#interval = interval;
	}

	/** @param kind what is of one kind is told together */
	add(kind: string, report: Report): void {
		const isBeyond = this.#following.size >= MOST_KINDS && !this.#following.has(kind);
		const key = isBeyond ? "" : kind;
		const one = isBeyond ? this.#ofMany(report) : report;
		const following = this.#following.get(key);
		if (following) {
			following.count++;
			following.last = one;
			return;
		}
		this.#follow(key, one);
		this.#tell(one, 1);
	}

	/** Tells what is not told yet. */
	close(): void {
		for (const [key, following] of this.#following) this.#end(key, following);
	}

	#follow(key: string, last: Report): void {
		const timer = setTimeout(() => {
			this.#end(key, following);
			// As long as there is a flood there is one report each time.
			if (following.count > 0) this.#follow(key, following.last);
		}, this.#interval).unref();
		const following: Following<Report> = { timer, count: 0, last };
		this.#following.set(key, following);
	}

	#end(key: string, { timer, count, last }: Following<Report>): void {
		clearTimeout(timer);
		this.#following.delete(key);
		if (count > 0) this.#tell(last, count);
	}
}
