/** What a node publishes and subscribes with over the connection of a core `mqtt-broker` node. */

import { checkFilter, type Delivery, messageProperties, type QoS, whyNotMessage } from "../../broker";
import { Copies } from "../broker/remote/copies";
import type { Outbox } from "../broker/remote/outbox";
import type { FlowClient, FlowSubscribeOptions, FlowSubscription, PublishDone, PublishOptions } from "../flow-client";
import type { CoreBrokerNode, CorePacket } from "./core-node";

export class CoreClient implements FlowClient {
	readonly #core: CoreBrokerNode;
	readonly #outbox: Outbox;
	/** Under this name the core node knows the subscriptions. */
	readonly #ref: string;
	readonly #copies = new Copies();

	constructor(core: CoreBrokerNode, outbox: Outbox, ref: string) {
		this.#core = core;
		this.#outbox = outbox;
		this.#ref = ref;
	}

	get withoutProperties(): boolean {
		return !this.#core.v5();
	}

	publish(
		...[message, done = () => {}, options]: [Parameters<Outbox["publish"]>[0], PublishDone?, PublishOptions?]
	): void {
		const refusal = whyNotMessage(message);
		if (refusal) done(refusal);
		else this.#outbox.publish(message, done, options);
	}

	subscribe(
		filters: readonly string[],
		options: FlowSubscribeOptions,
		receive: (delivery: Delivery) => void,
	): FlowSubscription {
		for (const filter of filters) checkFilter(filter);
		const { qos = 2, noLocal = false, retainAsPublished = false, retainHandling = 0 } = options;
		const five = this.#core.v5() && { nl: noLocal, rap: retainAsPublished, rh: retainHandling };
		for (const filter of filters) {
			const take = (topic: string, payload: Buffer, packet: CorePacket) => {
				// Before MQTT 5 nobody can ask the broker to send no retained messages.
				if (packet.retain && retainHandling === 2 && !five) return;
				const identifiers = [packet.properties?.subscriptionIdentifier ?? []].flat();
				// Without identifiers there is one copy for all.
				const shared = identifiers.length > 0 ? this.#copies.payloadOf(topic, payload, packet, identifiers) : payload;
				receive(deliveryOf(topic, shared, packet, qos, filter));
			};
			this.#core.subscribe(filter, { qos, ...five }, take, this.#ref);
		}
		return {
			filters,
			close: (leaving = false) => {
				for (const filter of filters) this.#core.unsubscribe(filter, this.#ref, !leaving);
			},
		};
	}
}

function deliveryOf(topic: string, payload: Buffer, packet: CorePacket, most: QoS, filter: string): Delivery {
	const properties = messageProperties(packet.properties);
	return {
		topic,
		payload,
		qos: Math.min(packet.qos, most) as QoS,
		retain: packet.retain,
		...(properties && { properties }),
		filters: [filter],
	};
}
