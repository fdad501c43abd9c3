/** Puts a broker on Redis together: the engine on aedes with its backends for Redis, and what is kept beside them. */

import { sharedAedesEngine } from "../engine/aedes/aedes-engine";
import type { Engine, EngineFactory } from "../engine/engine";
import type { StoreEvents, StoreLimits } from "../store/store";
import { RedisLink } from "./redis-link";
import type { RedisOptions } from "./redis-options";
import { RedisStore } from "./redis-store";

/** MQTT 5 reason code. */
const SERVER_BUSY = 0x89;

/** Of aedes's persistence, what is called here. */
interface Persistence {
	cleanSubscriptions(client: { id: string }): Promise<unknown>;
	createRetainedStream(pattern: string): AsyncIterable<{ topic: string; payload: Buffer; qos?: 0 | 1 | 2 }>;
}

export interface SharedParts {
	readonly link: RedisLink;
	readonly store: RedisStore;
	readonly engine: EngineFactory;
}

/** @param fault is told what goes wrong in the background */
export function sharedParts(
	options: RedisOptions,
	limits: StoreLimits,
	events: StoreEvents,
	fault: (error: Error) => void,
): SharedParts {
	let clients: Engine | undefined;
	const link = new RedisLink(options, (problem) => {
		events.problem(problem);
		if (problem.kind === "working" && clients) sendBack(clients);
	});
	const store = new RedisStore(limits, events, link);
	const made = sharedAedesEngine({
		giveUp: () => link.giveUp(),
		open: async () => {
			const backends = await link.backends();
			await store.load();
			const persistence = backends.persistence as Persistence;
			store.cleansWith((id) => void persistence.cleanSubscriptions({ id }).catch(fault));
			for await (const { topic, payload, qos = 0, ...others } of persistence.createRetainedStream("#")) {
				const { properties } = others as { properties?: object };
				store.retain({ topic, payload, qos, retain: true, ...(properties && { properties }) });
			}
			return backends;
		},
	});
	const engine: EngineFactory = (...words) => {
		clients = made(...words);
		return clients;
	};
	return { link, store, engine };
}

/** What was published while this process heard nothing waits in their sessions: they get it when they come back. */
function sendBack(engine: Engine): void {
	for (const { id } of engine.clients()) engine.disconnect(id, SERVER_BUSY, "Redis was away: messages may wait");
}
