/** The subscriptions to the topics where answers come: kept for the next request, as long as they are not too many. */

import type { Delivery, FlowbrokerError } from "../../broker";
import type { FlowClient, FlowSubscription } from "../flow-client";
import type { AnswerPlan } from "./answer-plan";

interface AnswerTopic {
	plan: AnswerPlan;
	/** How many requests wait for an answer there. */
	users: number;
	subscription: FlowSubscription | undefined;
}

/** How many topics are kept that nobody waits at: a flow that asks many devices in turn has one for each. */
const IDLE = 16;

export class AnswerTopics {
	readonly #receive: (delivery: Delivery, plan: AnswerPlan) => void;
	readonly #refused: (filter: string, problem: FlowbrokerError) => void;
	/** By filter; the one used last is the last. */
	readonly #topics = new Map<string, AnswerTopic>();
	#client: FlowClient | undefined;

	constructor(
		receive: (delivery: Delivery, plan: AnswerPlan) => void,
		refused: (filter: string, problem: FlowbrokerError) => void,
	) {
		this.#receive = receive;
		this.#refused = refused;
	}

	/** Moves the subscriptions that somebody waits at to another client. */
	attach(client: FlowClient | undefined): void {
		for (const [filter, topic] of [...this.#topics]) {
			topic.subscription?.close();
			topic.subscription = undefined;
			if (topic.users === 0) this.#topics.delete(filter);
		}
		this.#client = client;
		for (const [filter, topic] of this.#topics) this.#subscribe(filter, topic);
	}

	/** @throws FlowbrokerError FILTER_INVALID, NOT_ALLOWED */
	listen(filter: string, plan: AnswerPlan): void {
		const topic = this.#topics.get(filter) ?? { plan, users: 0, subscription: undefined };
		topic.plan = plan;
		if (!topic.subscription) this.#subscribe(filter, topic);
		topic.users++;
		this.#topics.delete(filter);
		this.#topics.set(filter, topic);
	}

	leave(filter: string): void {
		const topic = this.#topics.get(filter);
		if (topic) topic.users--;
		let idle = [...this.#topics.values()].filter(({ users }) => users === 0).length;
		for (const [name, { users, subscription }] of this.#topics) {
			if (idle <= IDLE) return;
			if (users > 0) continue;
			subscription?.close();
			this.#topics.delete(name);
			idle--;
		}
	}

	#subscribe(filter: string, topic: AnswerTopic): void {
		topic.subscription = this.#client?.subscribe(
			[filter],
			{
				qos: 2,
				// What was kept there answers somebody else, or nobody.
				retainHandling: 2,
				answered: (problem) => {
					if (problem) this.#refused(filter, problem);
				},
			},
			(delivery) => this.#receive(delivery, topic.plan),
		);
	}
}
