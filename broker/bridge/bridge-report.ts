/** What a bridge tells of itself: where it stands, what is wrong, what was given up. */

import { FlowbrokerError } from "../errors";
import type { Message } from "../message";
import type { BridgePhase } from "./bridge-options";

export class BridgeReport {
	readonly #tell: (report: BridgeReport) => void;
	#phase: BridgePhase = "stopped";
	/** Why it is not connected. */
	#error: FlowbrokerError | undefined;
	/** What is wrong with a message or a rule. */
	#complaint: FlowbrokerError | undefined;
	#dropped = 0;
	#told = "";

	/** @param tell called when something has changed that people should see */
	constructor(tell: (report: BridgeReport) => void) {
		this.#tell = tell;
	}

	get phase(): BridgePhase {
		return this.#phase;
	}

	/** What is wrong now. */
	get error(): FlowbrokerError | undefined {
		return this.#phase === "connected" ? this.#complaint : (this.#error ?? this.#complaint);
	}

	/** Messages that were given up. */
	get dropped(): number {
		return this.#dropped;
	}

	/** @param error why it is not connected; the one before stays until {@link forgive} */
	become(phase: BridgePhase, error?: FlowbrokerError): void {
		this.#phase = phase;
		if (error) this.#error = error;
		this.#tell(this);
	}

	/** It is connected: what was wrong before is over. */
	forgive(): void {
		this.#error = undefined;
		this.#complaint = undefined;
	}

	/** @param reason completes "did not cross the bridge: ..." */
	drop({ topic }: Message, reason: string): void {
		this.#dropped++;
		const sentence = `A message for "${topic}" did not cross the bridge: ${reason}.`;
		this.#complain(new FlowbrokerError("BRIDGE_DROPPED", sentence));
	}

	/** @param why in words that complete a sentence */
	refuse(filter: string, why: string): void {
		const sentence = `The other broker refuses the subscription to "${filter}": ${why}. Check the rules there and here.`;
		this.#complain(new FlowbrokerError("SUBSCRIPTION_REFUSED", sentence));
	}

	/** Tells when there are more or less than at the last count. */
	count(waiting: number): void {
		const counted = `${waiting}/${this.#dropped}`;
		if (counted === this.#told) return;
		this.#told = counted;
		this.#tell(this);
	}

	/** The same again is no news. */
	#complain(error: FlowbrokerError): void {
		if (this.#complaint?.code === error.code) return;
		this.#complaint = error;
		this.#tell(this);
	}
}
