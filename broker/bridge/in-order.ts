/** Sends packets in order, each when the store has all that was changed before it: what is promised must be kept. */

import type { Packet } from "mqtt-packet";
import type { Store } from "../store/store";

/** Packets that may wait before the other broker has to wait with its next one. */
const MOST = 1_024;

export class InOrder {
	readonly #store: Store;
	readonly #send: (packet: Packet) => void;
	readonly #drained: () => void;
	readonly #full: (isFull: boolean) => void;
	#waiting: Packet[] = [];
	#isWaiting = false;
	#isEnded = false;

	/**
	 * @param drained called when packets that had to wait were sent
	 * @param full called when too many wait, and when that is over
	 */
	constructor(store: Store, send: (packet: Packet) => void, drained: () => void, full: (isFull: boolean) => void) {
		this.#store = store;
		this.#send = send;
		this.#drained = drained;
		this.#full = full;
	}

	send(packet: Packet): void {
		this.#waiting.push(packet);
		if (!this.#isWaiting) this.#go();
		else if (this.#waiting.length === MOST) this.#full(true);
	}

	get waiting(): number {
		return this.#waiting.length;
	}

	/** What waits is not sent any more. */
	end(): void {
		this.#isEnded = true;
		this.#waiting = [];
	}

	#go(): void {
		const flushed = this.#store.flushed();
		const packets = this.#waiting;
		if (!flushed) {
			this.#waiting = [];
			for (const packet of packets) this.#send(packet);
			return;
		}
		this.#isWaiting = true;
		const count = packets.length;
		void flushed.then(() => {
			this.#isWaiting = false;
			if (this.#isEnded) return;
			for (const packet of this.#waiting.splice(0, count)) this.#send(packet);
			if (this.#waiting.length < MOST) this.#full(false);
			if (this.#waiting.length > 0) this.#go();
			this.#drained();
		});
	}
}
