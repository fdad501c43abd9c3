/** The embedded broker: listeners, access and engine put together, with one place that tells what happens. */

import { EventEmitter } from "node:events";
import type { AccessControl, SessionAccess } from "./access/access";
import { createAccess } from "./access/access-options";
import { AccessStore } from "./access/access-store";
import { flowAccess } from "./access/anonymous";
import { BanList } from "./access/ban-list";
import { viewOfBan, viewOfLoginBan } from "./access/ban-view";
import { BridgeHub } from "./bridge/hub";
import { CertificateWatch } from "./certificate-watch";
import type { ClientRecord } from "./client-history";
import { clientInfo } from "./client-info";
import { type Denial, DenialLog } from "./denial-log";
import type { Engine, EngineFactory, EngineHooks } from "./engine/engine";
import { Entrance } from "./entrance";
import type { FlowbrokerError } from "./errors";
import { EventLog } from "./event-log";
import { BROKER_ORIGIN, type BrokerEventMap, type BrokerState, type ClientInfo } from "./events";
import { LimitReports } from "./limit-reports";
import type { LimitOptions } from "./limits";
import type { ListenerState } from "./listeners/listener";
import { ListenerSet } from "./listeners/listener-set";
import { parseWebSocketPath, type WebSocketPathListener } from "./listeners/web-socket-path-listener";
import type { LocalClient } from "./local-client";
import { LocalHub } from "./local-hub";
import type { Message } from "./message";
import type { MetricsSnapshot } from "./metrics";
import type { BrokerOptions } from "./options";
import { SharedAccess } from "./redis/shared-access";
import { Statistics } from "./statistics";
import { storageOf } from "./storage";
import { withTimeLeft } from "./store/expiry";
import { LeftWills } from "./store/left-wills";
import type { Store, StoreEvents } from "./store/store";
import { SysTopics } from "./sys-topics";
import { packageVersion } from "./version";

/** MQTT 5 reason code for a client that an administrator disconnects. */
const ADMINISTRATIVE_ACTION = 0x98;
/** MQTT 5 reason code for a client whose user may not be here any more. */
const NOT_AUTHORIZED = 0x87;

/** A broker in this process. */
export interface Broker {
	readonly state: BrokerState;
	readonly options: BrokerOptions;
	readonly events: EventEmitter<BrokerEventMap>;
	readonly listeners: readonly ListenerState[];
	/** What happened lately, for people. */
	readonly log: EventLog;
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
	/**
	 * @param reason for people; default: disconnected by an administrator
	 * @returns false when no such client is connected
	 */
	disconnect(clientId: string, reason?: string): boolean;
	/** Who may do what. */
	readonly access: AccessControl;
	/** Users, groups and rules, where the broker keeps its own. */
	readonly users: AccessStore | undefined;
	/** Whom an administrator keeps out for a while. */
	readonly bans: BanList;
	/** What clients were not allowed to do lately, newest first. */
	denials(): Denial[];
	/** Why the store takes nothing now, and nothing is acknowledged; undefined when all is well. */
	readonly storeProblem: FlowbrokerError | undefined;
	/** Messages that wait for a client, connected or not. */
	queued(clientId: string): number;
	/** Retained messages that the filter selects. */
	retained(filter: string): Message[];
	/**
	 * One more listener: MQTT over WebSocket on a path of an HTTP server that is not the broker's, once it is attached
	 * to one. It stays when the broker stops, and serves clients while the broker runs.
	 * @param options as for {@link WebSocketPathOptions}
	 * @throws FlowbrokerError OPTION_INVALID
	 */
	webSocketPath(options: unknown): WebSocketPathListener;
	/** The numbers of this moment. */
	metrics(): MetricsSnapshot;
	/** Clients that have gone, the last one first; a client id is there once. */
	history(): ClientRecord[];
	/** Where bridges to other brokers take part. */
	readonly bridges: BridgeHub;
}

/** What a broker is given besides its options. */
export interface BrokerDependencies {
	/** Who may do what; default: what `options.access` says. */
	readonly access?: AccessControl;
	/** The protocol engine; default: our own. */
	readonly engine?: EngineFactory;
	/** Default: what `options.store` asks for. */
	readonly store?: (limits: LimitOptions, events: StoreEvents) => Store;
}

/** Makes a broker that is stopped. @param options from `parseBrokerOptions` */
export function createBroker(options: BrokerOptions, dependencies: BrokerDependencies = {}): Broker {
	return new EmbeddedBroker(options, dependencies);
}

class EmbeddedBroker implements Broker {
	readonly events = new EventEmitter<BrokerEventMap>();
	readonly options: BrokerOptions;
	readonly access: AccessControl;
	readonly bans: BanList;
	readonly log = new EventLog();
	readonly bridges: BridgeHub;
	readonly #denials: DenialLog;
	readonly #entrance: Entrance;
	readonly #beyondLimits: LimitReports;
	readonly #certificates: CertificateWatch;
	readonly #engine: Engine;
	readonly #listeners: ListenerSet;
	readonly #local: LocalHub;
	readonly #store: Store;
	readonly #statistics = new Statistics();
	readonly #leftWills: LeftWills;
	readonly #sysTopics: SysTopics;
	/** Where several processes are one broker. */
	readonly #sharedAccess: SharedAccess | undefined;
	#state: BrokerState = "stopped";
	#storeProblem: FlowbrokerError | undefined;
	/** start and stop run one after the other. */
	#order: Promise<void> = Promise.resolve();

	constructor(options: BrokerOptions, dependencies: BrokerDependencies) {
		// Every bridge and every node that tells of events adds one.
		this.events.setMaxListeners(0);
		this.options = options;
		this.log.follow(this.events);
		this.access =
			dependencies.access ??
			// Where anonymous clients are welcome is for each listener to say, at the entrance.
			createAccess(
				options.access,
				true,
				(problem) => this.events.emit("accessProblem", problem),
				(ban) => this.#beyondLimits.banned(viewOfLoginBan(ban)),
			);
		this.bans = new BanList(Date.now, (ban) => this.#beyondLimits.banned(viewOfBan(ban)));
		this.access.onChange(({ users }) => this.#logInAgain(users));
		this.#beyondLimits = new LimitReports(this.events);
		this.#denials = new DenialLog((denial) => this.events.emit("denied", denial));
		this.#entrance = new Entrance(this.access, this.bans, this.#denials, {
			admission: (listener) => ({ anonymous: options.anonymous, ...this.#listeners.admission(listener) }),
			ownerOf: (clientId) => this.#engine.client(clientId)?.access.user ?? this.#store.sessionUser(clientId),
			forget: (clientId) => this.#store.dropSession(clientId),
		});
		const storeEvents = this.#statistics.countStoreEvents(this.#storeEvents());
		const { store, bridgeStore, engine, shared } = storageOf(options, dependencies, storeEvents);
		this.#store = store;
		this.#engine = engine(this.#statistics.countHooks(this.#hooks()), options.limits, this.#store, options);
		const fault = (error: Error) => this.events.emit("fault", error);
		if (shared && this.users) this.#sharedAccess = new SharedAccess(shared, this.users, fault);
		const publisher = { publish: this.#publishOnce.bind(this) };
		this.#local = new LocalHub(publisher, (filters) => this.#retained(filters));
		this.bridges = new BridgeHub((name, rights) => this.localClient(name, rights), bridgeStore);
		this.#listeners = new ListenerSet(options.listeners, options.limits, {
			connection: (connection, peer) => {
				this.#statistics.accepted(connection);
				this.#engine.accept(connection, peer);
			},
			refused: (refusal) => this.events.emit("clientRefused", { ...refusal, clientId: undefined }),
			turnedAway: () => this.#statistics.turnedAway(),
			changed: (state) => {
				this.events.emit("listener", state);
				this.#certificates.look();
			},
		});
		this.#certificates = new CertificateWatch(
			() => this.listeners,
			(listener) => this.events.emit("certificateEnding", listener),
		);
		this.#leftWills = new LeftWills(
			this.#store,
			(user) => user === null || this.access.isUser(user),
			(will) =>
				this.#engine.publish(will, undefined, (error) => {
					if (error) this.events.emit("fault", error);
				}),
		);
		this.#sysTopics = new SysTopics({
			interval: options.sysInterval,
			version: packageVersion(),
			metrics: () => this.metrics(),
			publish: (topic, text) => this.#tell(topic, text),
		});
	}

	get state(): BrokerState {
		return this.#state;
	}

	get storeProblem(): FlowbrokerError | undefined {
		return this.#storeProblem;
	}

	get listeners(): readonly ListenerState[] {
		return this.#listeners.states;
	}

	start(): Promise<void> {
		return this.#inOrder(async () => {
			if (this.#state === "running") return;
			this.#setState("starting");
			await this.access.start();
			await this.#store.open();
			// Before anything is published: what is to leave over a bridge must not be missed.
			this.bridges.begin();
			await this.#engine.start();
			await this.#sharedAccess?.start();
			this.#statistics.started();
			this.#sysTopics.start();
			this.#leftWills.start();
			await this.#listeners.open();
			this.#certificates.start();
			this.#setState("running");
		});
	}

	stop(): Promise<void> {
		return this.#inOrder(async () => {
			if (this.#state === "stopped") return;
			this.#setState("stopping");
			this.#sysTopics.stop();
			this.#certificates.stop();
			this.#leftWills.stop();
			const closed = this.#listeners.close();
			await this.#engine.stop();
			await closed;
			this.#sharedAccess?.stop();
			this.bridges.end();
			await this.#store.close();
			await this.access.stop();
			this.#beyondLimits.close();
			this.#statistics.stopped();
			this.#setState("stopped");
		});
	}

	localClient(name: string, access: SessionAccess = flowAccess): LocalClient {
		return this.#local.client(name, access);
	}

	clients(): ClientInfo[] {
		return this.#engine.clients().map(clientInfo);
	}

	get users(): AccessStore | undefined {
		return this.access instanceof AccessStore ? this.access : undefined;
	}

	denials(): Denial[] {
		return this.#denials.recent();
	}

	disconnect(clientId: string, reason = "disconnected by an administrator"): boolean {
		return this.#engine.disconnect(clientId, ADMINISTRATIVE_ACTION, reason);
	}

	queued(clientId: string): number {
		return this.#store.queue(clientId).length;
	}

	retained(filter: string): Message[] {
		return this.#retained([filter]);
	}

	webSocketPath(options: unknown): WebSocketPathListener {
		return this.#listeners.addPath(parseWebSocketPath(options));
	}

	metrics(): MetricsSnapshot {
		return this.#statistics.snapshot(this.#engine, this.#store, this.listeners);
	}

	history(): ClientRecord[] {
		return this.#statistics.history.list();
	}

	/** What came over another bridge before goes nowhere. */
	#publishOnce(message: Message, origin: string | undefined, done: (error?: Error) => void, taken?: () => void): void {
		const arrived = this.bridges.arriving(message);
		if (arrived) {
			this.#engine.publish(arrived, origin, done, taken);
			return;
		}
		taken?.();
		done();
	}

	/** QoS 0: for a client that is away or slow, the next round is as good. */
	#tell(topic: string, text: string): void {
		const message: Message = { topic, payload: Buffer.from(text), qos: 0, retain: true };
		this.#engine.publish(message, BROKER_ORIGIN, (error) => {
			if (error) this.events.emit("fault", error);
		});
	}

	#retained(filters: readonly string[]): Message[] {
		const now = Date.now();
		return this.#store.retained(filters).map((message) => withTimeLeft({ ...message, retain: true }, now));
	}

	#hooks(): EngineHooks {
		const { events } = this;
		return {
			login: (login) => this.#entrance.login(login),
			authenticate: (method, login) => this.#entrance.authenticate(method, login),
			connected: (client) => {
				this.#listeners.loggedIn(client.peer);
				events.emit("clientConnected", clientInfo(client));
			},
			disconnected: (client, reason) => events.emit("clientDisconnected", clientInfo(client), reason),
			subscribed: (client, subscriptions) => events.emit("subscribed", clientInfo(client), subscriptions),
			unsubscribed: (client, filters) => events.emit("unsubscribed", clientInfo(client), filters),
			denied: ({ id, access, peer }, action, topic, reason) =>
				this.#denials.record({ clientId: id, user: access.user, address: peer.address, action, topic, reason }),
			dropped: (client, count) => {
				this.log.dropped(client.id, client.access.user, count);
				// Told for every message: only where somebody listens.
				if (events.listenerCount("dropped") > 0) events.emit("dropped", clientInfo(client), count);
			},
			arriving: (message) => this.bridges.arriving(message),
			published: (message, client, origin) => {
				this.#local.dispatch(message, origin);
				events.emit("published", message, client?.id, client?.access.user ?? null, origin);
			},
			slowed: (client) => this.#beyondLimits.slowed(clientInfo(client)),
			refused: (peer, clientId, reason) =>
				events.emit("clientRefused", { address: peer.address, listener: peer.listener, clientId, reason }),
			expired: (clientId) => events.emit("sessionExpired", clientId),
			fault: (error) => events.emit("fault", error),
		};
	}

	#storeEvents(): StoreEvents {
		const { events } = this;
		return {
			queueFull: (clientId, _message, full) => this.#beyondLimits.queueFull(clientId, full),
			retainedFull: ({ topic }) => this.#beyondLimits.retainedFull(topic),
			problem: (problem) => {
				if (problem.kind === "failing") this.#storeProblem = problem.error;
				if (problem.kind === "working") this.#storeProblem = undefined;
				events.emit("storeProblem", problem);
			},
		};
	}

	/** Closes the sessions of users whose right to be here may be gone. */
	#logInAgain(users: ReadonlySet<string | null>): void {
		for (const { id, access } of this.#engine.clients()) {
			if (users.has(access.user)) {
				this.#engine.disconnect(id, NOT_AUTHORIZED, "the user was changed or removed and has to log in again");
			}
		}
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
