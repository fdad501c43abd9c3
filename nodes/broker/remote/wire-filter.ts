/** One subscription at the broker, in the name of all nodes that have the same filter. */

import type { IClientSubscribeOptions } from "mqtt";
import type { QoS } from "../../../broker";
import { type NodeSubscription, withoutShare } from "./node-subscription";

export class WireFilter {
	readonly members = new Set<NodeSubscription>();
	/** The filter as it selects topics. */
	readonly selects: string;
	/** The broker has accepted it on this connection or in this session. */
	granted = false;
	refused = false;

	/** @param identifier of the subscription in MQTT 5 */
	constructor(
		readonly filter: string,
		readonly identifier: number,
	) {
		this.selects = withoutShare(filter);
	}

	/** As much as one of the nodes wants; a node that wants less leaves out the rest itself. */
	get qos(): QoS {
		return Math.max(0, ...[...this.members].map(({ options }) => options.qos ?? 2)) as QoS;
	}

	get retainAsPublished(): boolean {
		return [...this.members].some(({ options }) => options.retainAsPublished === true);
	}

	/** The broker can only keep back messages from all nodes with this filter. */
	get noLocal(): boolean {
		return [...this.members].every(({ options }) => options.noLocal === true);
	}

	/** As the most curious one wants it: 0 is "send retained messages". */
	get retainHandling(): 0 | 1 | 2 {
		return Math.min(2, ...[...this.members].map(({ options }) => options.retainHandling ?? 0)) as 0 | 1 | 2;
	}

	/** @param retainHandling for this packet */
	request(retainHandling: 0 | 1 | 2): IClientSubscribeOptions {
		return { qos: this.qos, nl: this.noLocal, rap: this.retainAsPublished, rh: retainHandling };
	}
}

/**
 * The same filter has the same identifier in every run: a broker that has kept the session uses the old ones.
 * FNV-1a over the filter, in the range that MQTT allows.
 */
export function identifierOf(filter: string, isTaken: (identifier: number) => boolean): number {
	let hash = 0x811c9dc5;
	for (const byte of Buffer.from(filter)) hash = Math.imul(hash ^ byte, 0x01000193);
	const range = 268_435_455;
	let identifier = ((hash >>> 0) % range) + 1;
	while (isTaken(identifier)) identifier = (identifier % range) + 1;
	return identifier;
}
