/** Tells of connections that were turned away: the first of a kind at once, those after it in sums. */

import { SummedReports } from "../summed-reports";
import type { Refusal } from "./listener";

export class RefusalLog {
	readonly #reports: SummedReports<Omit<Refusal, "count">>;
	readonly #counted: () => void;

	/**
	 * @param tell is told of many in one sum
	 * @param counted is called for each at once
	 */
	constructor(tell: (refusal: Refusal) => void, counted: () => void) {
		this.#reports = new SummedReports((refusal, count) => tell({ ...refusal, count }));
		this.#counted = counted;
	}

	/** @param kind refusals of one listener and one kind are told together; there are few kinds */
	add(listener: string, kind: string, address: string, reason: string): void {
		this.#counted();
		this.#reports.add(JSON.stringify([listener, kind]), { listener, address, reason });
	}

	/** Tells what is not told yet. */
	close(): void {
		this.#reports.close();
	}
}
