/** The embedded broker: listeners, access and engine put together, with one place that tells what happens. */

import { EventEmitter } from "node:events";
import type { AccessControl, SessionAccess } from "./access/access";
import { anonymousAccess, flowAccess } from "./access/anonymous";
import { aedesEngine } from "./engine/aedes";
import type { Engine, EngineClient, EngineFactory, EngineHooks } from "./engine/engine";
import type { BrokerEventMap, BrokerState, ClientInfo } from "./events";
import type { ListenerState } from "./listeners/listener";
import { ListenerSet } from "./listeners/listener-set";
import type { LocalClient } from "./local-client";
import { LocalHub } from "./local-hub";
import type { Message } from "./message";
import type { BrokerOptions } from "./options";
import { withTimeLeft } from "./store/expiry";
import { MemoryStore } from "./store/memory";
import type { Store } from "./store/store";

/** MQTT 5 reason code for a client that an administrator disconnects. */
const ADMINISTRATIVE_ACTION = 0x98;

/** A broker in this process. */
export interface Broker {
	readonly state: BrokerState;
	readonly options: BrokerOptions;
	readonly events: EventEmitter<BrokerEventMap>;
	readonly listeners: readonly ListenerState[];
	/**
	 * Resolves when every listener was tried. One that can't be opened does not stop the others: it is down in
	 * `listeners`, with its error, and is tried again until it opens.
	 */
	start(): Promise<void>;
	/** Disconnects all clients and frees every port. May be called at any time, also during start. */
	stop(): Promise<void>;
	/** A client inside this process. @param access its rights; default: everything, as the flow itself */
	localClient(name: string, access?: SessionAccess): LocalClient;
	clients(): ClientInfo[];
	/** @returns false when no such client is connected */
	disconnect(clientId: string): boolean;
	/** Retained messages that the filter selects. */
	retained(filter: string): Message[];
}

/** What a broker is given besides its options. */
export interface BrokerDependencies {
	/** Who may do what; default: what `options.anonymous` says. */
	readonly access?: AccessControl;
	/** The protocol engine; default: the one on aedes. */
	readonly engine?: EngineFactory;
}

/** Makes a broker that is stopped. @param options from `parseBrokerOptions` */
export function createBroker(options: BrokerOptions, dependencies: BrokerDependencies = {}): Broker {
	const { access = anonymousAccess(options.anonymous), engine = aedesEngine } = dependencies;
	return new EmbeddedBroker(options, access, engine);
}

class EmbeddedBroker implements Broker {
	readonly events = new EventEmitter<BrokerEventMap>();
	readonly options: BrokerOptions;
	readonly #access: AccessControl;
	readonly #engine: Engine;
	readonly #listeners: ListenerSet;
	readonly #local: LocalHub;
	readonly #store: Store;
	#state: BrokerState = "stopped";
	/** start and stop run one after the other. */
	#order: Promise<void> = Promise.resolve();

	constructor(options: BrokerOptions, access: AccessControl, engine: EngineFactory) {
		this.options = options;
		this.#access = access;
		this.#store = new MemoryStore(options.limits, {
			queueFull: (clientId) => this.events.emit("queueFull", clientId),
			retainedFull: ({ topic }) => this.events.emit("retainedFull", topic),
		});
		this.#engine = engine(this.#hooks(), options.limits, this.#store);
		this.#local = new LocalHub(this.#engine, (filters) => this.#retained(filters));
		this.#listeners = new ListenerSet(
			options.listeners,
			(socket, { name }) => {
				const peer = { address: socket.remoteAddress ?? "", port: socket.remotePort ?? 0, listener: name };
				this.#engine.accept(socket, peer);
			},
			(state) => this.events.emit("listener", state),
		);
	}

	get state(): BrokerState {
		return this.#state;
	}

	get listeners(): readonly ListenerState[] {
		return this.#listeners.states;
	}

	start(): Promise<void> {
		return this.#inOrder(async () => {
			if (this.#state === "running") return;
			this.#setState("starting");
			await this.#store.open();
			await this.#engine.start();
			await this.#listeners.open();
			this.#setState("running");
		});
	}

	stop(): Promise<void> {
		return this.#inOrder(async () => {
			if (this.#state === "stopped") return;
			this.#setState("stopping");
			const closed = this.#listeners.close();
			await this.#engine.stop();
			await closed;
			await this.#store.close();
			this.#setState("stopped");
		});
	}

	localClient(name: string, access: SessionAccess = flowAccess): LocalClient {
		return this.#local.client(name, access);
	}

	clients(): ClientInfo[] {
		return this.#engine.clients().map(describe);
	}

	disconnect(clientId: string): boolean {
		return this.#engine.disconnect(clientId, ADMINISTRATIVE_ACTION);
	}

	retained(filter: string): Message[] {
		return this.#retained([filter]);
	}

	#retained(filters: readonly string[]): Message[] {
		const now = Date.now();
		return this.#store.retained(filters).map((message) => withTimeLeft({ ...message, retain: true }, now));
	}

	#hooks(): EngineHooks {
		const { events } = this;
		return {
			login: (login) => this.#access.login(login),
			connected: (client) => events.emit("clientConnected", describe(client)),
			disconnected: (client, reason) => events.emit("clientDisconnected", describe(client), reason),
			subscribed: (client, subscriptions) => events.emit("subscribed", describe(client), subscriptions),
			unsubscribed: (client, filters) => events.emit("unsubscribed", describe(client), filters),
			denied: (client, action, topic, reason) => events.emit("denied", describe(client), action, topic, reason),
			dropped: (client, count) => events.emit("dropped", describe(client), count),
			published: (message, client, origin) => {
				this.#local.dispatch(message, origin);
				events.emit("published", message, client?.id);
			},
			refused: (peer, clientId, reason) =>
				events.emit("clientRefused", { address: peer.address, listener: peer.listener, clientId, reason }),
			fault: (error) => events.emit("fault", error),
		};
	}

	#inOrder(step: () => Promise<void>): Promise<void> {
		const result = this.#order.then(step);
		this.#order = result.catch(() => {});
		return result;
	}

	#setState(state: BrokerState): void {
		this.#state = state;
		this.events.emit("state", state);
	}
}

function describe(client: EngineClient): ClientInfo {
	const { id, access, peer, protocolVersion, keepalive, clean, connectedAt } = client;
	const { address, listener } = peer;
	const subscriptions = client.subscriptions();
	return { id, user: access.user, address, listener, protocolVersion, keepalive, clean, connectedAt, subscriptions };
}
