/** What one node has subscribed to, and what it has had of it. */

import { type Delivery, type FlowbrokerError, type Message, matchesTopic, type QoS } from "../../../broker";
import type { FlowSubscribeOptions } from "../../flow-client";

/** How many topics are remembered at the most. Beyond that a kept message may come again. */
const REMEMBERED = 10_000;

export class NodeSubscription {
	readonly filters: readonly string[];
	readonly options: FlowSubscribeOptions;
	readonly #receive: (delivery: Delivery) => void;
	/** Topics of which a message has come since the subscription reached the broker. */
	readonly #had = new Set<string>();

	constructor(filters: readonly string[], options: FlowSubscribeOptions, receive: (delivery: Delivery) => void) {
		this.filters = filters;
		this.options = options;
		this.#receive = receive;
	}

	/** The subscription is a new one for the broker: it sends retained messages again. */
	renew(): void {
		this.#had.clear();
	}

	answered(problem: FlowbrokerError | undefined): void {
		this.options.answered?.(problem);
	}

	/**
	 * @param kept the message is surely one that the broker has kept, sent because somebody subscribed
	 * @param selecting the filters that select it
	 */
	take(message: Message, kept: boolean, selecting: readonly string[]): void {
		// Asked for by another node's subscription: what this node has had already is no news.
		if (kept && (this.options.retainHandling === 2 || this.#had.has(message.topic))) return;
		if (this.#had.size < REMEMBERED) this.#had.add(message.topic);
		const qos = Math.min(message.qos, this.options.qos ?? 2) as QoS;
		this.#receive({ ...message, qos, filters: selecting });
	}

	/** The filters of this subscription that select the topic, in order. */
	selecting(topic: string): string[] {
		return this.filters.filter((filter) => matchesTopic(withoutShare(filter), topic));
	}
}

/** `$share/group/home/#` selects what `home/#` does. */
export function withoutShare(filter: string): string {
	return filter.startsWith("$share/") ? filter.split("/").slice(2).join("/") : filter;
}
