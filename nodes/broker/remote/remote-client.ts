/** What the nodes of a flow publish and subscribe with on another broker: there also while the connection is not. */

import { FlowbrokerError, isTopicName, type Message, whyNotFilter } from "../../../broker";
import type {
	FlowClient,
	FlowSubscribeOptions,
	FlowSubscription,
	PublishDone,
	PublishOptions,
} from "../../flow-client";
import { NodeSubscription } from "./node-subscription";
import type { Outbox } from "./outbox";
import type { SubscriptionTable } from "./subscription-table";

export class RemoteClient implements FlowClient {
	readonly #outbox: Outbox;
	readonly #table: SubscriptionTable;
	readonly #version: () => 3 | 4 | 5;

	/** @param version of MQTT that the connection speaks, or will */
	constructor(outbox: Outbox, table: SubscriptionTable, version: () => 3 | 4 | 5) {
		this.#outbox = outbox;
		this.#table = table;
		this.#version = version;
	}

	get withoutProperties(): boolean {
		return this.#version() !== 5;
	}

	publish(message: Message, done: PublishDone = () => {}, options?: PublishOptions): void {
		if (isTopicName(message.topic)) {
			this.#outbox.publish(message, done, options);
			return;
		}
		const sentence = `"${message.topic.slice(0, 80)}" is no topic that can be published to: it must not be empty and not contain + or #.`;
		done(new FlowbrokerError("TOPIC_INVALID", sentence));
	}

	subscribe(
		filters: readonly string[],
		options: FlowSubscribeOptions,
		receive: Parameters<FlowClient["subscribe"]>[2],
	): FlowSubscription {
		for (const filter of filters) {
			const problem = whyNotFilter(filter);
			if (!problem) continue;
			throw new FlowbrokerError("FILTER_INVALID", `"${filter.slice(0, 80)}" cannot be subscribed to: ${problem}.`);
		}
		const subscription = new NodeSubscription(filters, options, receive);
		this.#table.add(subscription);
		let open = true;
		return {
			filters,
			close: (leaving = false) => {
				if (open) this.#table.remove(subscription, leaving);
				open = false;
			},
		};
	}
}
