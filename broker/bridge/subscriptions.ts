/** What a bridge asks the other broker for after a connect. */

import type { ISubscribePacket, ISubscription } from "mqtt-packet";
import type { Store, StoredSubscription } from "../store/store";
import type { RemoteFilter } from "./topic-map";

export interface Wishes {
	readonly subscribe: ISubscribePacket["subscriptions"];
	readonly unsubscribe: readonly string[];
}

/**
 * @param resumed the other broker has kept the session
 * @param leftovers filters that an earlier session may have
 */
export function wishesOf(
	filters: readonly RemoteFilter[],
	leftovers: readonly string[],
	kept: readonly StoredSubscription[],
	version: 3 | 4 | 5,
	resumed: boolean,
): Wishes {
	const wanted = new Set(filters.map(({ filter }) => filter));
	const old = [...kept.map(({ filter }) => filter), ...leftovers].filter((filter) => !wanted.has(filter));
	return {
		subscribe: filters.flatMap((one) => subscriptionOf(one, kept, version, resumed) ?? []),
		unsubscribe: resumed ? [...new Set(old)] : [],
	};
}

/** @returns undefined where the other broker has it: asked again, it would send what it retains again */
function subscriptionOf(
	{ filter, qos }: RemoteFilter,
	kept: readonly StoredSubscription[],
	version: 3 | 4 | 5,
	resumed: boolean,
): ISubscription | undefined {
	// With QoS 0 nothing was kept for us: what is retained is the news.
	const isKept = resumed && qos > 0 && kept.some((one) => one.filter === filter && one.qos === qos);
	if (version === 5) return { topic: filter, qos, nl: true, rap: true, rh: isKept ? 1 : 0 };
	return isKept ? undefined : { topic: filter, qos };
}

/** Remembers what the other broker has granted. */
export function keepSubscriptions(
	store: Store,
	session: string,
	granted: readonly RemoteFilter[],
	identifierOf: (filter: string) => number | undefined,
): void {
	store.unsubscribe(
		session,
		store.subscriptions(session).map(({ filter }) => filter),
	);
	const options = { noLocal: true, retainAsPublished: true, retainHandling: 0 } as const;
	store.subscribe(
		session,
		granted.map((one) => {
			const identifier = identifierOf(one.filter);
			return { ...one, ...options, ...(identifier !== undefined && { identifier }) };
		}),
	);
}
