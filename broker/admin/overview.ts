/** How a broker is doing, at a glance. */

import type { BridgeState } from "../bridge/bridge-options";
import type { Broker } from "../broker";
import type { ErrorCode, FlowbrokerError } from "../errors";
import type { BrokerState } from "../events";
import type { ListenerState } from "../listeners/listener";
import type { MetricsSnapshot } from "../metrics";
import type { Arguments } from "./arguments";
import { known } from "./arguments";
import { listBans } from "./bans";

export interface Problem {
	readonly code: ErrorCode;
	readonly message: string;
}

export type ListenerView = Omit<ListenerState, "error"> & { readonly error: Problem | null };

export type BridgeView = Omit<BridgeState, "server" | "protocolVersion" | "error"> & {
	/** The address that is connected, or was tried last; `null` before the first attempt. */
	readonly server: string | null;
	/** 3 is MQTT 3.1, 4 is 3.1.1; `null` while it is not connected. */
	readonly protocolVersion: 3 | 4 | 5 | null;
	readonly error: Problem | null;
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
	/** Why the store takes nothing now; `null` when all is well. */
	readonly storeProblem: string | null;
	readonly bridges: readonly BridgeView[];
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
		listeners: broker.listeners.map(({ error, ...rest }) => ({ ...rest, error: problemOf(error) })),
		access: options.access.kind,
		anonymous: options.anonymous,
		accessProblem: users?.problem?.error.message ?? null,
		storeProblem: broker.storeProblem?.message ?? null,
		bridges: broker.bridges.states.map(({ server, protocolVersion, error, ...rest }) => ({
			...rest,
			server: server ?? null,
			protocolVersion: protocolVersion ?? null,
			error: problemOf(error),
		})),
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

function problemOf(error: FlowbrokerError | undefined): Problem | null {
	return error ? { code: error.code, message: error.message } : null;
}

export function getStatistics(broker: Broker, args: Arguments = {}): MetricsSnapshot {
	known(args, []);
	return broker.metrics();
}
