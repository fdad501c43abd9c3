/** Subscriptions for a test, with the rights of a chosen user: what arrives is kept until somebody asks for it. */

import { randomUUID } from "node:crypto";
import type { Broker } from "../broker";
import { FlowbrokerError } from "../errors";
import type { Delivery, LocalClient } from "../local-client";
import type { QoS } from "../message";
import { type Arguments, known, optionalText, text, trueOrFalse, whole } from "./arguments";
import { type PropertiesView, viewProperties } from "./message-properties";
import { type PayloadView, payloadView } from "./payload-view";
import { clientFor } from "./publish";

/** A message as it arrived. */
export interface TestDelivery extends PayloadView {
	/** Counts up from 1. */
	readonly number: number;
	/** Milliseconds since 1970. */
	readonly at: number;
	readonly topic: string;
	readonly qos: QoS;
	/** Was it kept from before? */
	readonly retain: boolean;
	readonly properties?: PropertiesView;
}

export interface TestDeliveries {
	/** Messages since the subscription was made. */
	readonly total: number;
	/** Oldest first; of very many only the last ones. */
	readonly messages: readonly TestDelivery[];
}

/** Messages that are kept of one subscription. */
const KEPT = 200;
/** Subscriptions of one broker. */
const MOST = 20;
/** Milliseconds without a question until a subscription is given up. */
const LEASE = 30_000;

interface Subscription {
	readonly client: LocalClient;
	readonly lease: NodeJS.Timeout;
	total: number;
	messages: TestDelivery[];
}

/** Of one broker. */
export class TestSubscriptions {
	readonly #broker: Broker;
	readonly #open = new Map<string, Subscription>();

	constructor(broker: Broker) {
		this.#broker = broker;
	}

	/**
	 * @param args `filter`; `qos`; `noLocal`, `retainAsPublished`, `retainHandling` as in MQTT 5; `user` and `clientId`
	 * as for a test message
	 * @throws FlowbrokerError FILTER_INVALID, NOT_ALLOWED naming the rule, TESTS_FULL
	 */
	add(args: Arguments): { readonly id: string } {
		known(args, ["filter", "qos", "noLocal", "retainAsPublished", "retainHandling", "user", "clientId"]);
		const filter = text(args, "filter");
		const options = {
			qos: whole(args, "qos", 0, 2, 0) as QoS,
			noLocal: trueOrFalse(args, "noLocal", false),
			retainAsPublished: trueOrFalse(args, "retainAsPublished", false),
			retainHandling: whole(args, "retainHandling", 0, 2, 0) as 0 | 1 | 2,
		};
		optionalText(args, "clientId", "");
		if (this.#open.size >= MOST) {
			const sentence = `There are ${MOST} test subscriptions already: end one of them, or wait half a minute.`;
			throw new FlowbrokerError("TESTS_FULL", sentence);
		}
		const client = clientFor(this.#broker, args);
		const id = randomUUID();
		const lease = setTimeout(() => this.#end(id), LEASE).unref();
		const subscription: Subscription = { client, lease, total: 0, messages: [] };
		this.#open.set(id, subscription);
		try {
			client.subscribe([filter], options, (delivery) => take(subscription, delivery));
		} catch (error) {
			this.#end(id);
			throw error;
		}
		return { id };
	}

	/** @param args `id`; `after`: the number of the last message known. @throws FlowbrokerError TEST_UNKNOWN */
	deliveries(args: Arguments): TestDeliveries {
		known(args, ["id", "after"]);
		const { lease, total, messages } = this.#find(args);
		const after = whole(args, "after", 0, Number.MAX_SAFE_INTEGER, 0);
		lease.refresh();
		return { total, messages: messages.filter(({ number }) => number > after) };
	}

	/** @param args `id`. @throws FlowbrokerError TEST_UNKNOWN */
	remove(args: Arguments): { readonly ended: true } {
		known(args, ["id"]);
		this.#find(args);
		this.#end(text(args, "id"));
		return { ended: true };
	}

	#find(args: Arguments): Subscription {
		const found = this.#open.get(text(args, "id"));
		if (found) return found;
		throw new FlowbrokerError("TEST_UNKNOWN", "There is no such test subscription any more: subscribe again.");
	}

	#end(id: string): void {
		const found = this.#open.get(id);
		if (!found) return;
		this.#open.delete(id);
		clearTimeout(found.lease);
		found.client.close();
	}
}

function take(subscription: Subscription, { topic, payload, qos, retain, properties }: Delivery): void {
	const shown = viewProperties(properties);
	const number = ++subscription.total;
	subscription.messages.push({
		number,
		at: Date.now(),
		topic,
		qos,
		retain,
		...payloadView(payload),
		...(shown && { properties: shown }),
	});
	if (subscription.messages.length > KEPT) subscription.messages.shift();
}
