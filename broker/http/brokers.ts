/** Handlers about the brokers as such. */

import { getOverview } from "../admin/overview";
import { storeSize } from "../admin/store-size";
import { findBroker, runningBroker } from "./admin-broker";
import type { BrokerDetails, BrokerSummary } from "./contract";
import type { AdminRequest } from "./handler";

/** All brokers, also those that do not run. */
export function listBrokers({ brokers }: AdminRequest): readonly BrokerSummary[] {
	return Array.from(brokers, ({ id, name, broker }): BrokerSummary => {
		if (!broker) return { id, name, state: "stopped", listeners: [], clients: 0 };
		const { state, listeners, counts } = getOverview(broker);
		return { id, name, state, listeners, clients: counts.clients };
	});
}

export async function getBroker({ brokers, broker, args }: AdminRequest): Promise<BrokerDetails> {
	const found = findBroker(brokers, broker);
	const running = runningBroker(found);
	const storeBytes = await storeSize(running);
	return { id: found.id, name: found.name, storeBytes, ...getOverview(running, args) };
}
