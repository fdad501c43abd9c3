/**
 * An engine of our own: packets are decoded, decided on and answered in one go, without promise or queue in between, and
 * what is the same for many receivers is made once.
 */

import type { Duplex } from "node:stream";
import type { LimitOptions } from "../../limits";
import type { Message } from "../../message";
import type { Store } from "../../store/store";
import { encodeDisconnect } from "../../wire";
import type { Engine, EngineClient, EngineFactory, EngineHooks, EngineSettings, Peer } from "../engine";
import { Traffic } from "../traffic";
import { whyNotNow } from "../why-not-now";
import type { DirectClient } from "./client";
import { Connection } from "./connection";
import { Flusher } from "./flusher";
import { KeepAlive } from "./keep-alive";
import type { Parts } from "./parts";
import { Publisher } from "./publisher";
import { Router } from "./router";
import { Sessions } from "./sessions";
import { Visit } from "./visit";
import { Wills } from "./wills";

const SERVER_SHUTTING_DOWN = 0x8b;
const USE_ANOTHER_SERVER = 0x9c;

export const directEngine: EngineFactory = (hooks, limits, store, settings) =>
	new DirectEngine(hooks, limits, store, settings);

class DirectEngine implements Engine {
	readonly #limits: LimitOptions;
	readonly #store: Store;
	readonly #serverReference: string | undefined;
	readonly #flusher = new Flusher();
	readonly #visits = new Set<Connection>();
	/** Those that are logged in, by client id. */
	readonly #clients = new Map<string, DirectClient>();
	readonly #keepAlive = new KeepAlive(() => this.#clients.values());
	/** Of the connections that have ended. */
	readonly #endedTraffic = new Traffic();
	readonly #parts: Parts;
	#running = false;

	constructor(hooks: EngineHooks, limits: LimitOptions, store: Store, settings: EngineSettings) {
		this.#serverReference = settings.serverReference;
		this.#limits = limits;
		this.#store = store;
		const told = this.#listed(hooks);
		const router = new Router();
		const publisher = new Publisher(told, store, router);
		const wills = new Wills(told, store, publisher);
		const sessions = new Sessions(told, store, limits, router, wills, publisher);
		this.#parts = { hooks: told, limits, store, router, publisher, sessions, wills };
	}

	async start(): Promise<void> {
		this.#parts.sessions.start();
		this.#keepAlive.start();
		this.#running = true;
	}

	async stop(): Promise<void> {
		if (!this.#running) return;
		this.#running = false;
		this.#keepAlive.stop();
		for (const connection of [...this.#visits]) connection.close("the broker was stopped");
		for (const client of [...this.#clients.values()]) {
			client.connection.close("the broker was stopped", client.isV5 ? this.#farewell() : undefined);
		}
		this.#parts.wills.stop();
		this.#parts.sessions.stop();
	}

	accept(stream: Duplex, peer: Peer): void {
		if (!this.#running) {
			stream.destroy();
			return;
		}
		const connection = new Connection(stream, peer, this.#limits, this.#flusher);
		this.#visits.add(connection);
		const visit = new Visit(connection, this.#parts, () => {
			this.#visits.delete(connection);
			if (connection.closed) this.#endedTraffic.add(connection.traffic);
		});
		visit.start();
	}

	publish(message: Message, origin: string | undefined, done: (error?: Error) => void, taken?: () => void): void {
		const refusal = whyNotNow(this.#running, message, this.#store);
		if (refusal) {
			done(refusal);
			return;
		}
		this.#parts.publisher.publish(message, undefined, origin, () => {
			taken?.();
			const kept = message.qos > 0 ? this.#store.flushed() : undefined;
			if (kept) void kept.then(() => done());
			else done();
		});
	}

	clients(): EngineClient[] {
		return [...this.#clients.values()];
	}

	offlineSessions(): number {
		return this.#parts.sessions.absent;
	}

	traffic(): Traffic {
		const sum = new Traffic();
		sum.add(this.#endedTraffic);
		for (const { traffic } of this.#visits) sum.add(traffic);
		for (const { traffic } of this.#clients.values()) sum.add(traffic);
		return sum;
	}

	client(id: string): EngineClient | undefined {
		return this.#clients.get(id);
	}

	disconnect(clientId: string, reasonCode: number, reason: string): boolean {
		const client = this.#clients.get(clientId);
		client?.disconnect(reasonCode, reason);
		return client !== undefined;
	}

	#farewell(): Buffer {
		const serverReference = this.#serverReference;
		if (serverReference === undefined) return encodeDisconnect(SERVER_SHUTTING_DOWN);
		return encodeDisconnect(USE_ANOTHER_SERVER, { serverReference });
	}

	/** The given hooks, after the list of clients was brought up to date. */
	#listed(hooks: EngineHooks): EngineHooks {
		return {
			...hooks,
			connected: (client) => {
				this.#clients.set(client.id, client as DirectClient);
				hooks.connected(client);
			},
			disconnected: (client, reason) => {
				if (this.#clients.get(client.id) === client) this.#clients.delete(client.id);
				this.#endedTraffic.add(client.traffic);
				hooks.disconnected(client, reason);
			},
		};
	}
}
