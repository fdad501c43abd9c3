/** Handlers that need something which lasts from one request to the next: followed topics, test subscriptions. */

import { known, optionalText, text, whole } from "../admin/arguments";
import type { TestDeliveries, TestSubscriptions } from "../admin/test-subscriptions";
import type { TopicChanges, TopicTree, TopicView } from "../admin/topic-tree";
import type { Broker } from "../broker";
import { findBroker, runningBroker } from "./admin-broker";
import type { AdminRequest } from "./handler";

/** One of a kind for each broker, made when it is first asked for. */
export class PerBroker<Thing> {
	readonly #things = new WeakMap<Broker, Thing>();
	readonly #make: (broker: Broker) => Thing;

	constructor(make: (broker: Broker) => Thing) {
		this.#make = make;
	}

	of(broker: Broker): Thing {
		const thing = this.#things.get(broker) ?? this.#make(broker);
		this.#things.set(broker, thing);
		return thing;
	}
}

export function listTopics(request: AdminRequest): TopicChanges {
	const args = known(request.args, ["since", "limit"]);
	return treeOf(request).changes(optionalText(args, "since", ""), whole(args, "limit", 1, 1_000, 1_000));
}

export function getTopic(request: AdminRequest): TopicView | null {
	return treeOf(request).topic(text(known(request.args, ["topic"]), "topic")) ?? null;
}

/** Names for whoever types a topic. */
export function completeTopic(request: AdminRequest): readonly string[] {
	const args = known(request.args, ["part", "limit"]);
	return treeOf(request).names(optionalText(args, "part", ""), whole(args, "limit", 1, 1_000, 50));
}

export function addTestSubscription(request: AdminRequest): { readonly id: string } {
	return testsOf(request).add(request.args);
}

export function listTestDeliveries(request: AdminRequest): TestDeliveries {
	return testsOf(request).deliveries(request.args);
}

export function removeTestSubscription(request: AdminRequest): { readonly ended: true } {
	return testsOf(request).remove(request.args);
}

function treeOf({ brokers, broker, topics }: AdminRequest): TopicTree {
	return topics.of(runningBroker(findBroker(brokers, broker)));
}

function testsOf({ brokers, broker, tests }: AdminRequest): TestSubscriptions {
	return tests.of(runningBroker(findBroker(brokers, broker)));
}
