/** The embedded broker: listeners, access and engine put together, with one place that tells what happens. */

import { EventEmitter } from "node:events";
import type { AccessControl, AuthExchange, Login, LoginResult, SessionAccess } from "./access/access";
import { createAccess } from "./access/access-options";
import { AccessStore } from "./access/access-store";
import { flowAccess } from "./access/anonymous";
import { BanList } from "./access/ban-list";
import { viewOfBan, viewOfLoginBan } from "./access/ban-view";
import { BridgeHub } from "./bridge/hub";
import { CertificateWatch } from "./certificate-watch";
import type { ClientRecord } from "./client-history";
import { type Denial, DenialLog } from "./denial-log";
import { directEngine } from "./engine/direct/direct-engine";
import type { Engine, EngineClient, EngineFactory, EngineHooks } from "./engine/engine";
import { EventLog } from "./event-log";
import { BROKER_ORIGIN, type BrokerEventMap, type BrokerState, type ClientInfo, clientTraffic } from "./events";
import { LimitReports } from "./limit-reports";
import type { LimitOptions } from "./limits";
import { whyNotHere } from "./listener-policy";
import type { ListenerState } from "./listeners/listener";
import type { ListenerAdmission } from "./listeners/listener-options";
import { ListenerSet } from "./listeners/listener-set";
import { parseWebSocketPath, type WebSocketPathListener } from "./listeners/web-socket-path-listener";
import type { LocalClient } from "./local-client";
import { LocalHub } from "./local-hub";
import type { Message } from "./message";
import type { MetricsSnapshot } from "./metrics";
import type { BrokerOptions } from "./options";
import { SharedAccess } from "./redis/shared-access";
import { SharedBroker } from "./redis/shared-broker";
import { claimSession } from "./session-owner";
import { Statistics } from "./statistics";
import { withTimeLeft } from "./store/expiry";
import { LeftWills } from "./store/left-wills";
import type { Store, StoreEvents } from "./store/store";
import { createStore, defaultStore } from "./store/store-options";
import { SysTopics } from "./sys-topics";
import { packageVersion } from "./version";

/** MQTT 5 reason code for a client that an administrator disconnects. */
const ADMINISTRATIVE_ACTION = 0x98;
const ANONYMOUS_REFUSED: LoginResult = {
	ok: false,
	refusal: "not-allowed",
	reason: "clients without user name are not allowed here",
};
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

interface Storage {
	readonly store: Store;
	/** Where bridges keep what is under way. */
	readonly bridgeStore: Store;
	readonly engine: EngineFactory;
	readonly shared?: SharedBroker;
}

class EmbeddedBroker implements Broker {
	readonly events = new EventEmitter<BrokerEventMap>();
	readonly options: BrokerOptions;
	readonly access: AccessControl;
	readonly bans: BanList;
	readonly log = new EventLog();
	readonly bridges: BridgeHub;
	readonly #denials: DenialLog;
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
	/** start and stop run one after the other. */
	#order: Promise<void> = Promise.resolve();

	constructor(options: BrokerOptions, dependencies: BrokerDependencies) {
		// Every bridge and every node that tells of events adds one.
		this.events.setMaxListeners(0);
		this.options = options;
		this.log.follow(this.events);
		this.access =
			dependencies.access ??
			// Where anonymous clients are welcome is for each listener to say, in #listenerLogin.
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
		const { store, bridgeStore, engine, shared } = this.#storage(dependencies);
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
		return this.#engine.clients().map(describe);
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
			login: (login) => this.#login(login),
			authenticate: (method, login) => this.#authenticate(method, login),
			connected: (client) => {
				this.#listeners.loggedIn(client.peer);
				events.emit("clientConnected", describe(client));
			},
			disconnected: (client, reason) => events.emit("clientDisconnected", describe(client), reason),
			subscribed: (client, subscriptions) => events.emit("subscribed", describe(client), subscriptions),
			unsubscribed: (client, filters) => events.emit("unsubscribed", describe(client), filters),
			denied: ({ id, access, peer }, action, topic, reason) =>
				this.#denials.record({ clientId: id, user: access.user, address: peer.address, action, topic, reason }),
			dropped: (client, count) => {
				this.log.dropped(client.id, client.access.user, count);
				// Told for every message: only where somebody listens.
				if (events.listenerCount("dropped") > 0) events.emit("dropped", describe(client), count);
			},
			arriving: (message) => this.bridges.arriving(message),
			published: (message, client, origin) => {
				this.#local.dispatch(message, origin);
				events.emit("published", message, client?.id, client?.access.user ?? null, origin);
			},
			slowed: (client) => this.#beyondLimits.slowed(describe(client)),
			refused: (peer, clientId, reason) =>
				events.emit("clientRefused", { address: peer.address, listener: peer.listener, clientId, reason }),
			expired: (clientId) => events.emit("sessionExpired", clientId),
			fault: (error) => events.emit("fault", error),
		};
	}

	/** What keeps things, and the engine that works on it. */
	#storage({ store, engine = directEngine }: BrokerDependencies): Storage {
		const { store: asked, limits } = this.options;
		const events = this.#statistics.countStoreEvents(this.#storeEvents());
		const ofOthers = store?.(limits, events);
		if (ofOthers) return { store: ofOthers, bridgeStore: ofOthers, engine };
		if (asked.kind !== "redis") {
			const own = createStore(asked, limits, events);
			return { store: own, bridgeStore: own, engine };
		}
		const shared = new SharedBroker(asked, limits, events);
		// What a bridge has half done is nobody else's business: it is not for Redis, where others would see it.
		const bridgeStore = createStore(defaultStore, limits, events);
		return { store: shared.store, bridgeStore, engine: shared.engine, shared };
	}

	#storeEvents(): StoreEvents {
		const { events } = this;
		return {
			queueFull: (clientId, _message, full) => this.#beyondLimits.queueFull(clientId, full),
			retainedFull: ({ topic }) => this.#beyondLimits.retainedFull(topic),
			problem: (problem) => events.emit("storeProblem", problem),
		};
	}

	async #login(login: Login): Promise<LoginResult> {
		const user = login.certificateUser ?? login.username ?? null;
		// Asked twice: the first time spares a password check, the second knows the user for sure, and may be later.
		const banned = this.bans.refusalOf(login, user);
		return this.#judge(login, user, banned ?? (await this.#accessLogin(login, user)));
	}

	#authenticate(method: string, login: Login): AuthExchange | undefined {
		const exchange = this.access.exchange?.(method, login);
		if (!exchange) return undefined;
		return {
			step: async (data) => {
				const step = await exchange.step(data);
				if (step.kind === "continue") return step;
				const verdict = this.#judge(login, step.result.ok ? step.result.access.user : null, step.result);
				if (!verdict.ok) return { kind: "refused", result: verdict };
				return step.kind === "done" ? { ...step, result: verdict } : step;
			},
		};
	}

	/** What the listener, the bans and the owner of the session say to somebody who has shown who it is. */
	#judge(login: Login, user: string | null, result: LoginResult): LoginResult {
		const verdict = result.ok ? this.#judgeAccess(login, result) : result;
		if (!verdict.ok) {
			const { clientId, address } = login;
			this.#denials.record({ clientId, user, address, action: "connect", topic: "", reason: verdict.reason });
		}
		return verdict;
	}

	#judgeAccess(login: Login, result: LoginResult & { ok: true }): LoginResult {
		const reason = whyNotHere(this.#admission(login.listener), result.access);
		if (reason !== undefined) return { ok: false, refusal: "not-allowed", reason };
		return this.bans.refusalOf(login, result.access.user) ?? this.#claim(login, result);
	}

	async #accessLogin(login: Login, user: string | null): Promise<LoginResult> {
		if (user === null && !this.#admission(login.listener).anonymous) return ANONYMOUS_REFUSED;
		return this.access.login(login);
	}

	/** Who may use the listener; what it does not say itself is as for the whole broker. */
	#admission(listener: string): ListenerAdmission {
		return { anonymous: this.options.anonymous, ...this.#listeners.admission(listener) };
	}

	/** A session belongs to its user. */
	#claim(login: Login, result: LoginResult & { ok: true }): LoginResult {
		const { clientId } = login;
		const owner = this.#engine.client(clientId)?.access.user ?? this.#store.sessionUser(clientId);
		if (owner === undefined) return result;
		switch (claimSession(owner, result.access.user, (name) => this.access.isUser(name))) {
			case "resume":
				return result;
			case "fresh":
				this.#store.dropSession(clientId);
				return result;
			case "refuse":
				return { ok: false, refusal: "client-id", reason: `the client id "${clientId}" belongs to another user` };
		}
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

function describe(client: EngineClient): ClientInfo {
	const { id, access, peer, protocolVersion, keepalive, clean, connectedAt } = client;
	const { address, listener } = peer;
	return {
		id,
		user: access.user,
		address,
		listener,
		protocolVersion,
		keepalive,
		clean,
		connectedAt,
		traffic: clientTraffic(client.traffic),
		subscriptions: client.subscriptions(),
	};
}
