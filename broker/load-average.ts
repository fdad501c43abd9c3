/** How much happens a minute, averaged over the last 1, 5 and 15 minutes, in the way that Mosquitto does it. */

/** The periods by the names that they have in topics, in seconds. */
const periods = { "1min": 60, "5min": 300, "15min": 900 } as const;

export type LoadPeriod = keyof typeof periods;

export const loadPeriods = Object.keys(periods) as readonly LoadPeriod[];

/** Events a minute. */
export type Load = Readonly<Record<LoadPeriod, number>>;

const noLoad: Load = { "1min": 0, "5min": 0, "15min": 0 };

/**
 * Exponential averages of counters that only grow: each update weighs what happened since the one before by the time
 * that has passed, so updates need not come at even intervals.
 */
export class LoadAverages<Name extends string> {
	#before: { readonly at: number; readonly totals: Readonly<Record<Name, number>> } | undefined;
	readonly #loads = new Map<Name, Load>();

	/**
	 * The first update only says from where to count.
	 * @param at milliseconds of a clock that never goes back
	 * @param totals the counters at this time
	 */
	update(at: number, totals: Readonly<Record<Name, number>>): void {
		const before = this.#before;
		const seconds = before ? (at - before.at) / 1_000 : 0;
		if (before && seconds <= 0) return;
		this.#before = { at, totals: { ...totals } };
		if (!before) return;
		for (const name of Object.keys(totals) as Name[]) {
			const perMinute = ((totals[name] - before.totals[name]) * 60) / seconds;
			this.#loads.set(name, averaged(this.of(name), perMinute, seconds));
		}
	}

	of(name: Name): Load {
		return this.#loads.get(name) ?? noLoad;
	}
}

function averaged(load: Load, perMinute: number, seconds: number): Load {
	const average = (period: LoadPeriod) => {
		const weight = Math.exp(-seconds / periods[period]);
		return perMinute + weight * (load[period] - perMinute);
	};
	return { "1min": average("1min"), "5min": average("5min"), "15min": average("15min") };
}
