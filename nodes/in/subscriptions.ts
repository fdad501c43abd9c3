/** The subscriptions of one node: they outlive the broker's restarts, and a publication comes once. */

import type { Delivery, FlowbrokerError } from "../../broker";
import type { FlowClient, FlowSubscription } from "../flow-client";
import { RepeatFilter } from "./repeat-filter";
import { type SubscriptionRequest, subscribeOptions } from "./subscription-request";

/** What the broker does not accept any more; `undefined` when it accepts all. */
export type Refused = (problem: FlowbrokerError | undefined) => void;
export type Receive = (delivery: Delivery, request: SubscriptionRequest) => void;

/** Each filter has options of its own, so each is a subscription of its own at the broker. */
export class Subscriptions {
	readonly #receive: Receive;
	readonly #refused: Refused;
	readonly #requests = new Map<string, SubscriptionRequest>();
	readonly #open = new Map<string, FlowSubscription>();
	/** What another broker has refused, by topic. */
	readonly #refusals = new Map<string, FlowbrokerError>();
	readonly #repeats = new RepeatFilter();
	#client: FlowClient | undefined;

	constructor(receive: Receive, refused: Refused) {
		this.#receive = receive;
		this.#refused = refused;
	}

	list(): SubscriptionRequest[] {
		return [...this.#requests.values()];
	}

	/**
	 * Replaces a subscription to the same topic. While the broker does not run, it is kept for when it does.
	 * @throws FlowbrokerError NOT_ALLOWED; the subscription is then not kept
	 */
	add(request: SubscriptionRequest): void {
		this.remove(request.topic);
		this.#subscribe(request);
		this.#requests.set(request.topic, request);
	}

	remove(topic: string): void {
		this.#requests.delete(topic);
		this.#open.get(topic)?.close();
		this.#open.delete(topic);
		this.#repeats.reset();
		this.#answered(topic, undefined);
	}

	/**
	 * Moves all subscriptions to another client.
	 * @throws FlowbrokerError the first one that could not be subscribed; the others are
	 */
	attach(client: FlowClient | undefined): void {
		for (const subscription of this.#open.values()) subscription.close(true);
		this.#open.clear();
		this.#refusals.clear();
		this.#repeats.reset();
		this.#client = client;
		const errors: unknown[] = [];
		for (const request of this.#requests.values()) {
			try {
				this.#subscribe(request);
			} catch (error) {
				errors.push(error);
			}
		}
		if (errors.length > 0) throw errors[0];
	}

	#subscribe(request: SubscriptionRequest): void {
		if (!this.#client) return;
		const receive = (delivery: Delivery) => {
			const repeat = this.#requests.size > 1 && this.#repeats.isRepeat(request.topic, delivery);
			if (!repeat) this.#receive(delivery, request);
		};
		const answered = (problem: FlowbrokerError | undefined) => this.#answered(request.topic, problem);
		const options = { ...subscribeOptions(request), answered };
		this.#open.set(request.topic, this.#client.subscribe([request.topic], options, receive));
	}

	#answered(topic: string, problem: FlowbrokerError | undefined): void {
		if (problem) this.#refusals.set(topic, problem);
		else if (!this.#refusals.delete(topic)) return;
		this.#refused(problem ?? [...this.#refusals.values()][0]);
	}
}
