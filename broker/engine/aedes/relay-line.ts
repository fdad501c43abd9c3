/** The SUBSCRIBE that the engine works on, if there is one: who asks next, and which of its writes are answers to it. */

import { type RelayEvents, SubscribeRelay } from "./subscribe-relay";

const SUBACK_BYTE = 0x90;

export class RelayLine {
	readonly #most: number;
	readonly #events: RelayEvents;
	readonly #send: (suback: Buffer) => void;
	#relay: SubscribeRelay | undefined;
	/** Is the packet that the engine writes an answer for the relay? */
	#answering: "yes" | "no" | "perhaps" = "no";

	/**
	 * @param most filters that one packet may have
	 * @param send gets the answer to all of a SUBSCRIBE
	 */
	constructor(most: number, events: RelayEvents, send: (suback: Buffer) => void) {
		this.#most = most;
		this.#events = events;
		this.#send = send;
	}

	/** @returns the first part for the engine; undefined when the answer is sent already */
	begin(subscribe: Buffer, version: 3 | 4 | 5): Buffer | undefined {
		this.#relay = new SubscribeRelay(subscribe, version, this.#most, this.#events);
		return this.next();
	}

	/** The next part for the engine. */
	next(): Buffer | undefined {
		const part = this.#relay?.next();
		if (!part) this.#finish();
		return part;
	}

	/** What the engine writes next begins a packet. */
	packetStarts(): void {
		this.#answering = this.#relay ? "perhaps" : "no";
	}

	/** @returns true for a part of an answer, which is not for the client */
	takes(chunk: Buffer | string): boolean {
		if (this.#answering === "perhaps") this.#answering = chunk[0] === SUBACK_BYTE ? "yes" : "no";
		if (this.#answering === "no") return false;
		if (this.#relay?.answer(Buffer.from(chunk))) {
			this.#answering = "no";
			// At once: retained messages are to come behind it.
			if (!this.#relay.more) this.#finish();
		}
		return true;
	}

	#finish(): void {
		const suback = this.#relay?.finish();
		this.#relay = undefined;
		if (suback) this.#send(suback);
	}
}
