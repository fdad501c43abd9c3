/** Sessions whose clients are away, and when each ends. */

import { FOR_EVER } from "../../store/store";
import { LongTimer } from "./long-timer";

export class Absences {
	/** Undefined for one that never ends. */
	readonly #timers = new Map<string, LongTimer | undefined>();
	readonly #end: (clientId: string) => void;

	/** @param end the session is given up */
	constructor(end: (clientId: string) => void) {
		this.#end = end;
	}

	get count(): number {
		return this.#timers.size;
	}

	/** @param seconds until the session ends */
	left(clientId: string, seconds: number): void {
		this.back(clientId);
		if (seconds >= FOR_EVER) this.#timers.set(clientId, undefined);
		else this.#timers.set(clientId, new LongTimer(seconds * 1_000, () => this.#over(clientId)));
	}

	/** The client is here again, or its session is gone. */
	back(clientId: string): void {
		this.#timers.get(clientId)?.cancel();
		this.#timers.delete(clientId);
	}

	stop(): void {
		for (const timer of this.#timers.values()) timer?.cancel();
		this.#timers.clear();
	}

	#over(clientId: string): void {
		this.#timers.delete(clientId);
		this.#end(clientId);
	}
}
