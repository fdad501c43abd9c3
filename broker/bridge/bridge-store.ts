/** Where a bridge keeps what is under way: on the disk where its broker keeps sessions on the disk, else in memory. */

import { join } from "node:path";
import type { Store, StoreEvents } from "../store/store";
import { createStore, defaultStore, type StoreOptions } from "../store/store-options";
import type { BridgeOptions } from "./bridge-options";

export function bridgeStore(broker: StoreOptions, { id, queue }: BridgeOptions, events: StoreEvents): Store {
	const limits = {
		queuedMessages: queue.messages,
		queuedBytes: queue.bytes,
		allQueuedBytes: 2 * queue.bytes,
		queueDrops: queue.drop,
		retainedMessages: 0,
		retainedBytes: 0,
	};
	if (broker.kind !== "disk") return createStore(defaultStore, limits, events);
	return createStore({ ...broker, folder: join(broker.folder, "bridges", fileName(id)) }, limits, events);
}

/** Ids of nodes in subflows hold slashes. */
function fileName(id: string): string {
	return id.replace(/[^\w-]/g, "-");
}
