/** What the nodes of a flow publish and subscribe with on another broker: there also while the connection is not. */

import { checkFilter, type Message, whyNotMessage } from "../../../broker";
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
		const refusal = whyNotMessage(message);
		if (refusal) done(refusal);
		else this.#outbox.publish(message, done, options);
	}

	subscribe(
		filters: readonly string[],
		options: FlowSubscribeOptions,
		receive: Parameters<FlowClient["subscribe"]>[2],
	): FlowSubscription {
		for (const filter of filters) checkFilter(filter);
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
