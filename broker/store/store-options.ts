/** Where a broker keeps what is to outlive a connection: the setting, and the store that it asks for. */

import { known, oneOf, record, text } from "../parse";
import { parseRedis, type RedisOptions } from "../redis/redis-options";
import { DiskStore } from "./disk";
import { type Durability, durabilities } from "./disk/durability";
import { MemoryStore } from "./memory";
import type { Store, StoreEvents, StoreLimits } from "./store";

export type StoreOptions =
	| { readonly kind: "memory" }
	| RedisOptions
	| {
			readonly kind: "disk";
			/** Belongs to this broker alone; is made when it is not there. */
			readonly folder: string;
			/** Default: `interval`. */
			readonly durability: Durability;
	  };

export const defaultStore = { kind: "memory" } as const satisfies StoreOptions;

/** @throws FlowbrokerError OPTION_INVALID */
export function parseStore(input: unknown): StoreOptions {
	const given = record(input ?? defaultStore, "store");
	const kind = oneOf(given.kind, "store.kind", ["memory", "disk", "redis"]);
	if (kind === "memory") {
		known(given, ["kind"], "store.");
		return defaultStore;
	}
	if (kind === "redis") {
		known(given, ["kind", "url", "modules", "ca"], "store.");
		return parseRedis(given);
	}
	known(given, ["kind", "folder", "durability"], "store.");
	return {
		kind: "disk",
		folder: text(given.folder, "store.folder"),
		durability: oneOf(given.durability ?? "interval", "store.durability", durabilities),
	};
}

/** @param options from {@link parseStore} */
export function createStore(
	options: Exclude<StoreOptions, RedisOptions>,
	limits: StoreLimits,
	events: StoreEvents,
): Store {
	if (options.kind === "memory" || options.durability === "none") return new MemoryStore(limits, events);
	return new DiskStore(limits, events, options);
}
