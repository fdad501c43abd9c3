/** The brokers that the admin API is about. */

import type { Broker } from "../broker";
import { FlowbrokerError } from "../errors";

export interface AdminBroker {
	/** Stays the same over restarts. */
	readonly id: string;
	/** For people. */
	readonly name: string;
	/** `undefined` while it does not run. */
	readonly broker: Broker | undefined;
}

/** @throws FlowbrokerError BROKER_UNKNOWN */
export function findBroker(brokers: Iterable<AdminBroker>, id: unknown): AdminBroker {
	for (const each of brokers) if (each.id === id) return each;
	throw new FlowbrokerError("BROKER_UNKNOWN", `There is no broker with the id "${String(id).slice(0, 60)}".`);
}

/** @throws FlowbrokerError BROKER_STOPPED */
export function runningBroker({ name, broker }: AdminBroker): Broker {
	if (broker && broker.state === "running") return broker;
	throw new FlowbrokerError("BROKER_STOPPED", `The broker "${name}" does not run: its node tells why.`);
}
