/** How a broker is doing, at a glance. */

import type { Broker } from "../broker";
import type { ErrorCode } from "../errors";
import type { BrokerState } from "../events";
import type { ListenerState } from "../listeners/listener";
import type { MetricsSnapshot } from "../metrics";
import type { Arguments } from "./arguments";
import { known } from "./arguments";
import { listBans } from "./bans";

export type ListenerView = Omit<ListenerState, "error"> & {
	readonly error: { readonly code: ErrorCode; readonly message: string } | null;
};

export interface BrokerOverview {
	readonly state: BrokerState;
	readonly listeners: readonly ListenerView[];
	/** Where users and rules are kept; `open`: there are none. */
	readonly access: "open" | "users" | "mosquitto";
	/** May clients log in without user name, as far as the listeners are concerned? */
	readonly anonymous: boolean;
	/** Why the file with users and rules is not in force as it is; `null` when all is well. */
	readonly accessProblem: string | null;
	readonly counts: {
		readonly clients: number;
		readonly users: number;
		readonly groups: number;
		readonly bans: number;
		readonly denials: number;
	};
	readonly metrics: MetricsSnapshot;
}

export function getOverview(broker: Broker, args: Arguments = {}): BrokerOverview {
	known(args, []);
	const { state, options, users } = broker;
	const metrics = broker.metrics();
	return {
		state,
		listeners: broker.listeners.map(({ error, ...rest }) => ({
			...rest,
			error: error ? { code: error.code, message: error.message } : null,
		})),
		access: options.access.kind,
		anonymous: options.anonymous,
		accessProblem: users?.problem?.error.message ?? null,
		counts: {
			clients: metrics.clients.connected,
			users: users?.users().length ?? 0,
			groups: users?.groups().length ?? 0,
			bans: listBans(broker).length,
			denials: broker.denials().length,
		},
		metrics,
	};
}

export function getStatistics(broker: Broker, args: Arguments = {}): MetricsSnapshot {
	known(args, []);
	return broker.metrics();
}
