/** Which sessions get a publication into their queue, and how. */

import type { QoS } from "../message";
import type { QueueTarget, StoredSubscription } from "./store";

/** @param found subscriptions that select its topic, perhaps several of one client */
export function queueTargets(
	found: readonly { readonly clientId: string; readonly subscription: StoredSubscription }[],
): QueueTarget[] {
	if (found.length === 0) return [];
	const targets = new Map<string, QueueTarget>();
	for (const { clientId, subscription } of found) {
		const before = targets.get(clientId);
		targets.set(clientId, before ? both(before, subscription) : target(clientId, subscription));
	}
	return [...targets.values()];
}

function target(clientId: string, subscription: StoredSubscription): QueueTarget {
	const { qos, noLocal, retainAsPublished, identifier } = subscription;
	return { clientId, qos, noLocal, retainAsPublished, ...(identifier !== undefined && { identifier }) };
}

/** A session whose subscriptions overlap gets a publication once, with the highest QoS. [MQTT-3.3.5-1] */
function both(before: QueueTarget, subscription: StoredSubscription): QueueTarget {
	const higher = subscription.qos > before.qos ? target(before.clientId, subscription) : before;
	return {
		...higher,
		qos: Math.max(before.qos, subscription.qos) as QoS,
		noLocal: before.noLocal && subscription.noLocal,
	};
}
