/** What keeps things for a broker, and the engine that works on it. */

import type { BrokerDependencies } from "./broker";
import { directEngine } from "./engine/direct/direct-engine";
import type { EngineFactory } from "./engine/engine";
import type { BrokerOptions } from "./options";
import { SharedBroker } from "./redis/shared-broker";
import type { Store, StoreEvents } from "./store/store";
import { createStore, defaultStore } from "./store/store-options";

export interface Storage {
	readonly store: Store;
	/** Where bridges keep what is under way. */
	readonly bridgeStore: Store;
	readonly engine: EngineFactory;
	/** Where several processes are one broker. */
	readonly shared?: SharedBroker;
}

export function storageOf(
	{ store: asked, limits }: BrokerOptions,
	{ store, engine = directEngine }: Pick<BrokerDependencies, "store" | "engine">,
	events: StoreEvents,
): Storage {
	const ofOthers = store?.(limits, events);
	if (ofOthers) return { store: ofOthers, bridgeStore: ofOthers, engine };
	if (asked.kind !== "redis") {
		const own = createStore(asked, limits, events);
		return { store: own, bridgeStore: own, engine };
	}
	const shared = new SharedBroker(asked, limits, events);
	// What a bridge has half done is nobody else's business: it is not for Redis, where others would see it.
	const bridgeStore = createStore(defaultStore, limits, events);
	return { store: shared.store, bridgeStore, engine: shared.engine, shared };
}
