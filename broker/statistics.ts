/** Counts what happens in one broker, by standing between the engine and the hooks that it calls. */

import type { Duplex } from "node:stream";
import { ClientHistory } from "./client-history";
import type { Engine, EngineClient, EngineHooks } from "./engine/engine";
import type { ListenerState } from "./listeners/listener";
import { emptyCounters, type MetricsSnapshot, snapshot } from "./metrics";
import { size } from "./store/retained-tree";
import type { Store, StoreEvents } from "./store/store";
import { SYS_FILTER } from "./sys-topics";

export class Statistics {
	readonly history = new ClientHistory();
	readonly #counters = emptyCounters();
	/** Of the clock that never goes back; `undefined` while the broker does not run. */
	#startedAt: number | undefined;

	started(): void {
		this.#startedAt = performance.now();
	}

	stopped(): void {
		this.#startedAt = undefined;
	}

	/** A listener has taken a connection. */
	accepted(connection: Duplex): void {
		const { connections } = this.#counters;
		connections.accepted++;
		connections.maximum = Math.max(connections.maximum, ++connections.current);
		connection.once("close", () => connections.current--);
	}

	/** A listener has not even let a connection in. */
	turnedAway(): void {
		this.#counters.connections.refused++;
	}

	/** @returns hooks that count and then do what the given ones do */
	countHooks(hooks: EngineHooks): EngineHooks {
		const { connections, clients, logins, dropped, denied, slowed } = this.#counters;
		return {
			...hooks,
			login: async (login) => {
				logins.tried++;
				const result = await hooks.login(login);
				if (!result.ok) logins.failed++;
				return result;
			},
			connected: (client) => {
				clients.maximum = Math.max(clients.maximum, ++clients.current);
				hooks.connected(client);
			},
			disconnected: (client, reason) => {
				clients.current--;
				this.history.left(client, reason, Date.now());
				hooks.disconnected(client, reason);
			},
			denied: (client, action, topic, reason) => {
				denied[action]++;
				hooks.denied(client, action, topic, reason);
			},
			dropped: (client, count) => {
				dropped.slowClient += count;
				hooks.dropped(client, count);
			},
			slowed: (client) => {
				slowed.times++;
				hooks.slowed(client);
			},
			refused: (peer, clientId, reason) => {
				connections.refused++;
				hooks.refused(peer, clientId, reason);
			},
			expired: (clientId) => {
				clients.expired++;
				hooks.expired(clientId);
			},
		};
	}

	/** @returns events of the store that count and then do what the given ones do */
	countStoreEvents(events: StoreEvents): StoreEvents {
		const { dropped, retained } = this.#counters;
		return {
			...events,
			queueFull: (clientId, message, full) => {
				if (full === "all") dropped.memoryFull++;
				else dropped.queueFull++;
				events.queueFull(clientId, message, full);
			},
			retainedFull: (message) => {
				retained.refused++;
				events.retainedFull(message);
			},
		};
	}

	snapshot(engine: Engine, store: Store, listeners: readonly ListenerState[]): MetricsSnapshot {
		const heap = process.memoryUsage().heapUsed;
		this.#counters.heapMaximum = Math.max(this.#counters.heapMaximum, heap);
		return snapshot(this.#counters, {
			at: Date.now(),
			uptime: this.#startedAt === undefined ? 0 : (performance.now() - this.#startedAt) / 1_000,
			traffic: engine.traffic(),
			offline: engine.offlineSessions(),
			filters: filtersOf(engine.clients()),
			retained: retainedByOthers(store),
			queued: { messages: store.queuedCount, bytes: store.queuedBytes },
			certificates: listeners.flatMap(({ name, certificate }) =>
				certificate ? [{ listener: name, daysLeft: certificate.daysLeft }] : [],
			),
			heap,
		});
	}
}

function* filtersOf(clients: readonly EngineClient[]): Iterable<string> {
	for (const client of clients) for (const { filter } of client.subscriptions()) yield filter;
}

/** Nobody has put there what the broker itself keeps. */
function retainedByOthers(store: Store): { count: number; bytes: number } {
	const own = store.retained([SYS_FILTER]);
	const bytes = own.reduce((sum, message) => sum + size(message), 0);
	return { count: store.retainedCount - own.length, bytes: store.retainedBytes - bytes };
}
