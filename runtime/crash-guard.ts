/** Decides what an error means that nobody caught: one of somebody else's node is told, and the rest goes on. */

import { FlowbrokerError } from "../broker";
import { errorText } from "./error-text";
import type { RunningNode } from "./node-context";

/** A flow that fails as often within this time will not get better by itself. */
const mostInTime = 10;
const timeMs = 60_000;

/** The types of this package: a broker that failed in itself must not go on. */
const ownPrefix = "flowbroker-";

export class CrashGuard {
	readonly #now: () => number;
	#times: readonly number[] = [];

	/** @param now milliseconds */
	constructor(now: () => number = Date.now) {
		this.#now = now;
	}

	/**
	 * @param node whose code ran, where that is known
	 * @returns the error as people are told of it, and whether the process must end
	 */
	judge(error: unknown, node: RunningNode | undefined): { readonly error: FlowbrokerError; readonly fatal: boolean } {
		const why = errorText(error);
		if (!node || node.type.startsWith(ownPrefix)) {
			const who = node ? `The node ${node.type} (${node.id})` : "A node of the flow";
			return { error: crash(`${who} failed and nothing caught its error: ${why}`, error), fatal: true };
		}
		const now = this.#now();
		this.#times = [...this.#times.filter((time) => now - time < timeMs), now];
		const what = `The node ${node.type} (${node.id}) failed and nothing caught its error: ${why}.`;
		if (this.#times.length <= mostInTime) {
			return { error: crash(`${what} Everything goes on; ask its makers for help.`, error), fatal: false };
		}
		const often = `This was the error number ${this.#times.length} within a minute: the flow ends. Disable the node, or correct it.`;
		return { error: crash(`${what} ${often}`, error), fatal: true };
	}
}

function crash(sentence: string, cause: unknown): FlowbrokerError {
	return new FlowbrokerError("FLOW_CRASHED", sentence, cause);
}
