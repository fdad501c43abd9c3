/** One topic filter with the options of its subscription, as a node or a control message asks for it. */

import { FlowbrokerError, type LocalSubscribeOptions, type QoS, whyNotFilter } from "../../broker";
import { flagOf, qosOf, wholeOf } from "../values";
import { type Datatype, datatypes } from "./properties";

/** With the names that Node-RED's own node uses: this is what `getSubscriptions` answers. */
export interface SubscriptionRequest {
	readonly topic: string;
	readonly qos: QoS;
	readonly nl: boolean;
	readonly rap: boolean;
	readonly rh: 0 | 1 | 2;
	readonly datatype: Datatype;
}

/** Values that were not checked. */
export type RawSubscription = { readonly [option in keyof SubscriptionRequest]?: unknown };

/**
 * @param otherwise for options that are absent or make no sense
 * @throws FlowbrokerError FILTER_INVALID
 */
export function subscriptionRequest(
	raw: RawSubscription,
	otherwise: Pick<SubscriptionRequest, "rap" | "datatype">,
): SubscriptionRequest {
	const topic = typeof raw.topic === "string" ? raw.topic : "";
	const problem = whyNotFilter(topic);
	if (problem) throw new FlowbrokerError("FILTER_INVALID", `The topic "${topic}" can't be subscribed to: ${problem}.`);
	const rh = wholeOf(raw.rh);
	return {
		topic,
		qos: qosOf(raw.qos) ?? 2,
		nl: flagOf(raw.nl) ?? false,
		rap: flagOf(raw.rap) ?? otherwise.rap,
		rh: rh === 1 || rh === 2 ? rh : 0,
		datatype: datatypes.find((known) => known === raw.datatype) ?? otherwise.datatype,
	};
}

export function subscribeOptions({ qos, nl, rap, rh }: SubscriptionRequest): LocalSubscribeOptions {
	return { qos, noLocal: nl, retainAsPublished: rap, retainHandling: rh };
}
