/** Takes what the subscriptions of a node bring and hands it to the flow: at the flow's pace, and never in a loop. */

import type { NodeMessage } from "node-red";
import { type Delivery, FlowbrokerError, toFlowbrokerError } from "../../broker";
import { type LoopGuard, MOST_RETURNS } from "../loop-guard";
import type { InSettings } from "./in-settings";
import { incomingMessage, undecoded } from "./incoming";
import { Pace, type PaceState } from "./pace";
import type { Datatype } from "./properties";

/** The node, as far as it is needed here. */
export interface Flow {
	readonly id: string;
	/** Undefined while the node has no broker. */
	readonly loops: LoopGuard | undefined;
	generateId(): string;
	send(message: NodeMessage): void;
	/** @param message that goes to a Catch node */
	error(problem: FlowbrokerError, message: NodeMessage): void;
	/** Shows what waits, and what was given up. */
	pace(state: PaceState): void;
	/** Shows that messages were stopped. */
	stopped(problem: FlowbrokerError): void;
}

interface Arrival {
	readonly delivery: Delivery;
	readonly datatype: Datatype;
}

/** Milliseconds in which a loop is told once, however often it turns, and a status is changed once. */
const LOOP_TOLD = 10_000;
const STATUS_PAUSE = 500;

export class Intake {
	readonly #flow: Flow;
	readonly #stopLoops: boolean;
	readonly #pace: Pace<Arrival> | undefined;
	#state: PaceState = { waiting: 0, dropped: 0 };
	#statusTimer: NodeJS.Timeout | undefined;
	#loopTold: number | undefined;

	constructor(flow: Flow, settings: Pick<InSettings, "pace" | "stopLoops">) {
		this.#flow = flow;
		this.#stopLoops = settings.stopLoops;
		this.#pace =
			settings.pace &&
			new Pace(
				settings.pace,
				(item) => this.#hand(item),
				(state) => this.#paceChanged(state),
			);
	}

	take(delivery: Delivery, datatype: Datatype): void {
		const before = this.#state.dropped;
		if (!this.#pace) {
			this.#hand({ delivery, datatype });
			return;
		}
		this.#pace.push({ delivery, datatype });
		// Told once until nothing waits any more.
		if (before === 0 && this.#state.dropped > 0) {
			const sentence =
				"More messages come in than the flow asks for: some are given up. Make the flow faster, let it work on several at a time, or let more of them wait.";
			this.#flow.error(new FlowbrokerError("FLOW_TOO_SLOW", sentence), undecoded(delivery));
		}
	}

	/** The flow asks for the next message. @throws FlowbrokerError ACTION_INVALID */
	next(): void {
		if (this.#pace) {
			this.#pace.next();
			return;
		}
		const sentence = 'msg.action is "next", but the node sends messages as they come. Choose another pace in the node.';
		throw new FlowbrokerError("ACTION_INVALID", sentence);
	}

	close(): void {
		clearTimeout(this.#statusTimer);
		this.#pace?.clear();
	}

	#hand({ delivery, datatype }: Arrival): void {
		const _msgid = this.#flow.generateId();
		if (this.#stopLoops && this.#flow.loops?.arrives(this.#flow.id, delivery, _msgid)) {
			this.#tellLoop(delivery);
			// Nothing of it reaches the flow, which can't ask for the next one.
			this.#pace?.next();
			return;
		}
		try {
			this.#flow.send(Object.assign(incomingMessage(delivery, datatype), { _msgid }));
		} catch (error) {
			const problem = toFlowbrokerError(error, "PAYLOAD_INVALID", "The message could not be read.");
			this.#flow.error(problem, undecoded(delivery));
			this.#pace?.next();
		}
	}

	#tellLoop(delivery: Delivery): void {
		const now = performance.now();
		if (this.#loopTold !== undefined && now - this.#loopTold < LOOP_TOLD) return;
		this.#loopTold = now;
		const sentence = `The flow publishes what it subscribes to: within ten seconds a message has come back to this node ${MOST_RETURNS} times or more, now on "${delivery.topic}". It was stopped. Publish to a topic that the node does not subscribe to, or let the node not receive what this flow publishes.`;
		const problem = new FlowbrokerError("MESSAGE_LOOP", sentence);
		this.#flow.error(problem, undecoded(delivery));
		this.#flow.stopped(problem);
	}

	/** A status goes to every open editor. */
	#paceChanged(state: PaceState): void {
		this.#state = state;
		this.#statusTimer ??= setTimeout(() => {
			this.#statusTimer = undefined;
			this.#flow.pace(this.#state);
		}, STATUS_PAUSE);
	}
}
