/** Things to put into a store, with what a test does not care about filled in. */

import { defaultLimits } from "../../../broker/limits";
import type { StoreProblem } from "../../../broker/store/problem";
import type {
	QueuedMessage,
	QueueLimit,
	StoredMessage,
	StoredSubscription,
	StoreEvents,
	StoreLimits,
} from "../../../broker/store/store";

export function message(topic: string, text = "x", fields: Partial<StoredMessage> = {}): StoredMessage {
	return { topic, payload: Buffer.from(text), qos: 1, retain: false, ...fields };
}

export function subscription(filter: string, fields: Partial<StoredSubscription> = {}): StoredSubscription {
	return { filter, qos: 1, noLocal: false, retainAsPublished: false, retainHandling: 0, ...fields };
}

export function entry(key: string, fields: Partial<StoredMessage> = {}): QueuedMessage {
	return { key, message: message("t", key, fields), packetId: undefined, released: false };
}

export function limits(fields: Partial<StoreLimits> = {}): StoreLimits {
	return { ...defaultLimits, ...fields };
}

/** Events as lists. */
export class Told implements StoreEvents {
	readonly queue: string[] = [];
	readonly full: QueueLimit[] = [];
	readonly retained: string[] = [];
	readonly problems: StoreProblem[] = [];
	readonly #waiting: (() => void)[] = [];

	queueFull(clientId: string, { payload }: StoredMessage, full: QueueLimit): void {
		this.queue.push(`${clientId} ${payload}`);
		this.full.push(full);
	}

	retainedFull({ topic }: StoredMessage): void {
		this.retained.push(topic);
	}

	problem(problem: StoreProblem): void {
		this.problems.push(problem);
		for (const wake of this.#waiting.splice(0)) wake();
	}

	/** Resolves with the first problem of that kind, told already or not yet. */
	async next(kind: StoreProblem["kind"]): Promise<StoreProblem> {
		for (;;) {
			const found = this.problems.find((one) => one.kind === kind);
			if (found) return found;
			await new Promise<void>((resolve) => this.#waiting.push(resolve));
		}
	}
}

/** The texts of the messages in a queue. */
export function texts(queue: readonly QueuedMessage[]): string[] {
	return queue.map(({ message: { payload } }) => payload.toString());
}
