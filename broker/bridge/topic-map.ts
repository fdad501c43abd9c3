/** The rules of one bridge at work: what is subscribed to on both sides, and the name of a topic on the other side. */

import type { QoS } from "../message";
import { matchesTopic } from "../topic";
import type { BridgeDirection, BridgeRule } from "./rules";

/** Where a message goes on the other side. */
export interface Route {
	readonly topic: string;
	/** The highest QoS with which it may go there. */
	readonly qos: QoS;
	readonly direction: BridgeDirection;
}

export interface RemoteFilter {
	readonly filter: string;
	readonly qos: QoS;
}

/** A rule with the filters that it makes. */
interface Line extends BridgeRule {
	readonly local: string;
	readonly remote: string;
}

/** The first rule of the list that selects a topic says where it goes. */
export class TopicMap {
	readonly #outward: readonly Line[];
	readonly #inward: readonly Line[];

	constructor(rules: readonly BridgeRule[]) {
		const lines = rules.map((rule) => ({
			...rule,
			local: rule.localPrefix + rule.filter,
			remote: rule.remotePrefix + rule.filter,
		}));
		this.#outward = lines.filter(({ direction }) => direction !== "in");
		this.#inward = lines.filter(({ direction }) => direction !== "out");
	}

	/** What to subscribe to at the broker in this process. */
	get localFilters(): string[] {
		return [...new Set(this.#outward.map(({ local }) => local))];
	}

	/** What to subscribe to at the other broker; one that several rules name with the highest QoS. */
	get remoteFilters(): RemoteFilter[] {
		const found = new Map<string, QoS>();
		for (const { remote, qos } of this.#inward) found.set(remote, Math.max(qos, found.get(remote) ?? 0) as QoS);
		return [...found].map(([filter, qos]) => ({ filter, qos }));
	}

	/** What an earlier session may have subscribed to, when a rule had another direction then. */
	get remoteLeftovers(): string[] {
		const wanted = new Set(this.#inward.map(({ remote }) => remote));
		return [...new Set(this.#outward.map(({ remote }) => remote))].filter((filter) => !wanted.has(filter));
	}

	/** @param topic at the broker in this process. @returns undefined when it stays here */
	outward(topic: string): Route | undefined {
		const line = this.#outward.find(({ local }) => matchesTopic(local, topic));
		return line && route(line, line.remotePrefix + topic.slice(line.localPrefix.length), line.remote);
	}

	/** @param topic at the other broker. @returns undefined when it is not for us */
	inward(topic: string): Route | undefined {
		const line = this.#inward.find(({ remote }) => matchesTopic(remote, topic));
		return line && route(line, line.localPrefix + topic.slice(line.remotePrefix.length), line.local);
	}
}

/** @param filter the rule's filter on the side to which the topic belongs */
function route({ qos, direction }: Line, topic: string, filter: string): Route | undefined {
	// Without its prefix a topic may begin with $: what belongs to a broker itself crosses only where a rule names it.
	// It may also be empty, as `home/` without `home/`.
	return topic !== "" && matchesTopic(filter, topic) ? { topic, qos, direction } : undefined;
}
