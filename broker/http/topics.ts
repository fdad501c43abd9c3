/** Handlers about the topics that are in use. */

import { known, optionalText, text, whole } from "../admin/arguments";
import { type TopicChanges, TopicTree, type TopicView } from "../admin/topic-tree";
import type { Broker } from "../broker";
import { findBroker, runningBroker } from "./admin-broker";
import type { AdminRequest } from "./handler";

/** One tree a broker, made when somebody first looks. */
export class TopicTrees {
	readonly #trees = new WeakMap<Broker, TopicTree>();

	of(broker: Broker): TopicTree {
		const tree = this.#trees.get(broker) ?? new TopicTree(broker);
		this.#trees.set(broker, tree);
		return tree;
	}
}

export function listTopics(request: AdminRequest): TopicChanges {
	const args = known(request.args, ["since", "limit"]);
	return treeOf(request).changes(optionalText(args, "since", ""), whole(args, "limit", 1, 1_000, 1_000));
}

export function getTopic(request: AdminRequest): TopicView | null {
	return treeOf(request).topic(text(known(request.args, ["topic"]), "topic")) ?? null;
}

function treeOf({ brokers, broker, topics }: AdminRequest): TopicTree {
	return topics.of(runningBroker(findBroker(brokers, broker)));
}
