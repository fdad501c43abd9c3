/** Whether there is room for one more message in the queue of a session. */

import { size } from "./retained-tree";
import type { Session } from "./session";
import type { QueueBounds, QueueLimit, StoredMessage, StoreLimits } from "./store";

/** Of the memory for all queues together, what those of absent clients may fill. */
const ABSENT_SHARE = 0.75;

/** A client that reads as fast as it can may have so many times as many messages waiting: a burst is soon over. */
const BURST = 10;

export class QueueRoom {
	readonly #limits: StoreLimits;

	constructor(limits: StoreLimits) {
		this.#limits = limits;
	}

	/** @param reading the client is connected and reads */
	whatIsFull(session: Session, message: StoredMessage, reading: boolean): QueueLimit | undefined {
		const { queue, memory, isHere, bounds } = session;
		const { messages, bytes } = bounds ?? this.#usual;
		const places = reading ? BURST * messages : messages;
		if (queue.count >= places || queue.bytes + size(message) > bytes) return "session";
		const { allQueuedBytes } = this.#limits;
		// Those who are away must not leave nothing for those who are here.
		const most = bounds ? 2 * bytes : isHere ? allQueuedBytes : allQueuedBytes * ABSENT_SHARE;
		return memory.bytes + memory.cost(message) > most ? "all" : undefined;
	}

	/** Bytes of the largest message for which the queue could make room by giving up others. */
	mostToGain({ queue, bounds }: Session, full: QueueLimit): number {
		return full === "all" ? queue.bytes : (bounds ?? this.#usual).bytes;
	}

	/** Which messages go when there is no room. */
	drops({ bounds }: Session): QueueBounds["drops"] {
		return (bounds ?? this.#usual).drops;
	}

	/** For the queue of each client. */
	get #usual(): Omit<QueueBounds, "dropped"> {
		const { queuedMessages, queuedBytes, queueDrops } = this.#limits;
		return { messages: queuedMessages, bytes: queuedBytes, drops: queueDrops };
	}
}
