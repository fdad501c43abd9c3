/**
 * The engine on aedes: the only file that imports it. It hands aedes a guarded stream for each connection, its own
 * matcher, and hooks that ask the rights of the session.
 */

import { randomUUID } from "node:crypto";
import type { Duplex } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import type { Aedes, AedesPublishPacket, AuthenticateError, Client, ConnectPacket } from "aedes";
import type { Login, LoginRefusal } from "../../access/access";
import type { LimitOptions } from "../../limits";
import type { Message } from "../../message";
import type { Store } from "../../store/store";
import type { Engine, EngineClient, EngineFactory, EngineHooks, Peer } from "../engine";
import { Traffic } from "../traffic";
import { whyNotNow } from "../why-not-now";
import { AbsentSessions } from "./absent-sessions";
import { AedesClient, type Visitor } from "./aedes-client";
import { AedesPersistence } from "./aedes-persistence";
import { type GuardEvents, GuardedStream } from "./guarded-stream";
import { LoginTurns } from "./login-turns";
import { LOCAL, Publications } from "./publications";
import type { Publication, SharedBackends, SharedHooks } from "./shared-backends";
import { SharedClients } from "./shared-clients";
import { TrieEmitter } from "./trie-emitter";

/** CONNACK return codes of MQTT 3; aedes turns them into 0x85 and 0x87 for MQTT 5. [MQTT-3.2.2-5] */
const IDENTIFIER_REJECTED = 2;
const NOT_AUTHORIZED = 5;
/** More packets than this waiting behind a CONNECT never reach aedes: the guard holds them back. */
const QUEUE_LIMIT = 1_000;
/** Milliseconds; the most that a timer takes. */
const LONGEST_TIMEOUT = 2_147_483_647;
/** Processes tell each other that they live, and not by aedes, which multiplies this by four. */
const NEVER = Math.floor(LONGEST_TIMEOUT / 4);

const STOPPED = "the broker was stopped";

/** MQTT 5 reason codes. */
const SERVER_BUSY = 0x89;
const SERVER_SHUTTING_DOWN = 0x8b;

/** Milliseconds for clients to be told of the end, and for wills to be sent, where Redis is away. */
const LONGEST_FAREWELL = 2_000;

export const aedesEngine: EngineFactory = (hooks, limits, store) => new AedesEngine(hooks, limits, store);

/** An engine that is one of several. */
export function sharedAedesEngine(shared: SharedBackends): EngineFactory {
	return (hooks, limits, store) => new AedesEngine(hooks, limits, store, shared);
}

class AedesEngine implements Engine {
	readonly #hooks: EngineHooks;
	readonly #limits: LimitOptions;
	readonly #store: Store;
	readonly #id = randomUUID();
	/** Below it aedes publishes notices to itself. */
	readonly #internal = `$SYS/${this.#id}/`;
	readonly #visitors = new Map<Duplex, Visitor>();
	/** Those that are logged in, by client id. */
	readonly #clients = new Map<string, AedesClient>();
	/** Of the connections that have ended. */
	readonly #endedTraffic = new Traffic();
	readonly #persistence: AedesPersistence;
	readonly #absent: AbsentSessions;
	readonly #logins: LoginTurns;
	readonly #shared: SharedBackends | undefined;
	readonly #sharedClients: SharedClients | undefined;
	#aedes: Aedes | undefined;
	/** The last visitor has left, while the engine stops. */
	#allLeft = () => {};

	constructor(hooks: EngineHooks, limits: LimitOptions, store: Store, shared?: SharedBackends) {
		this.#shared = shared;
		this.#sharedClients =
			shared &&
			new SharedClients(shared, limits, {
				visitors: () => this.#visitors.values(),
				client: (clientId) => this.#clients.get(clientId),
				absentSessions: () => store.absentees().length,
				expired: (clientId) => hooks.expired(clientId),
			});
		this.#hooks = hooks;
		this.#limits = limits;
		this.#store = store;
		this.#persistence = new AedesPersistence(store, limits.unreleased);
		this.#logins = new LoginTurns({
			login: (login) => hooks.login(login),
			holder: (clientId) => this.#aedes && insideOf(this.#aedes).clients[clientId],
			owner: (clientId) => this.#owner(clientId),
			isHere: ({ stream }) => !stream.destroyed,
		});
		this.#absent = new AbsentSessions(limits.sessionExpiryMax, limits.absentSessions, (clientId) => {
			store.dropSession(clientId);
			hooks.expired(clientId);
		});
	}

	async start(): Promise<void> {
		// aedes is an ES module: `require` of it fails while somebody else imports it.
		const { Aedes } = await import("aedes");
		const shared = await this.#shared?.open(this.#sharedHooks(), this.#internal);
		const persistence = shared?.persistence ?? this.#persistence;
		const publications = new Publications(this.#hooks, this.#internal, persistence, shared?.persistence);
		const aedes = new Aedes({
			id: this.#id,
			mq: shared?.mq ?? new TrieEmitter(this.#internal),
			persistence,
			...(shared && { heartbeatInterval: NEVER }),
			queueLimit: QUEUE_LIMIT,
			// The guard has its own limits for time and size, which also hold before CONNECT is complete.
			connectTimeout: 2 * this.#limits.connectTimeout * 1_000,
			maximumPacketSize: this.#limits.packetSize,
			// Any value but 0, which makes aedes add a listener for each message that waits. The outbox has its own bound.
			drainTimeout: LONGEST_TIMEOUT,
			maxTopicLevels: this.#limits.topicLevels,
			maxClientsIdLength: 65_535,
			topicAliasMaximum: 10,
			receiveMaximum: this.#limits.unreleased,
			keepaliveLimit: this.#limits.keepaliveMax,
			sessionExpiryIntervalLimit: this.#limits.sessionExpiryMax,
			pendingSessionsLimit: this.#limits.absentSessions,
			preConnect: (client, packet, done) => this.#meet(client, packet, done),
			authenticate: (client, username, password, done) => {
				void this.#login(client, username, password)
					.catch((error: Error) => {
						this.#hooks.fault(error);
						return refusal({ reason: "the login could not be checked" });
					})
					.then((error) => done(error, error === null));
			},
			authorizePublish: (client, packet, done) => publications.authorize(client, packet as Publication, done),
			authorizeSubscribe: (client, subscription, done) => {
				const answer = publications.maySubscribe(client, subscription) ? subscription : null;
				// Retained messages of other processes have to be known when aedes asks for them, right behind SUBACK.
				if (this.#shared) this.#shared.fence().then(() => done(null, answer), done);
				else done(null, answer);
			},
			authorizeForward: (client, packet) => (publications.mayReceive(client, packet as Publication) ? packet : null),
			published: (packet, client, done) => {
				publications.published(packet as Publication, client);
				done();
			},
		});
		// A client that calls itself `constructor` must not be found among the properties that every object has.
		Object.assign(aedes, { clients: Object.create(null) });
		// aedes would end sessions that have gone on at another process.
		if (shared) Object.assign(aedes, { scheduleSessionExpiry: () => {} });
		this.#listen(aedes, persistence);
		await aedes.listen();
		if (!shared) this.#absent.start(this.#store.absentees());
		this.#aedes = aedes;
	}

	async stop(): Promise<void> {
		const aedes = this.#aedes;
		this.#aedes = undefined;
		if (!aedes) return;
		this.#absent.stop();
		for (const { stream, client } of [...this.#visitors.values()]) {
			stream.endReason = STOPPED;
			// aedes tells only those whose queue is out.
			if (!client?.loggedIn) stream.refuse({ reasonCode: SERVER_SHUTTING_DOWN, text: STOPPED });
		}
		const closed = new Promise<void>((resolve) => aedes.close(() => resolve()));
		if (this.#shared) await soon(closed);
		else await closed;
		for (const { stream } of [...this.#visitors.values()]) stream.destroy();
		// Those whose end is not told yet.
		if (this.#visitors.size > 0) {
			await new Promise<void>((resolve) => {
				this.#allLeft = resolve;
			});
		}
		await this.#shared?.close();
	}

	accept(connection: Duplex, peer: Peer): void {
		const aedes = this.#aedes;
		if (!aedes) {
			connection.destroy();
			return;
		}
		const events: GuardEvents = {
			isIdle: () => (stream as unknown as { client: { _parsingBatch: number } }).client._parsingBatch <= 0,
			dropped: () => visitor.client && this.#hooks.dropped(visitor.client, 1),
			slowed: () => visitor.client && this.#hooks.slowed(visitor.client),
			maySubscribe: (filter) => visitor.client?.maySubscribe(filter, this.#limits.subscriptions) ?? false,
			granted: (filter) => visitor.client?.filters.add(filter),
			subscribed: (granted) => visitor.client && this.#hooks.subscribed(visitor.client, granted),
		};
		const stream = new GuardedStream(connection, this.#limits, events, this.#store, peer.protocolVersions);
		const visitor: Visitor = {
			stream,
			peer,
			client: undefined,
			registered: false,
			endTurn: () => {},
			clientId: undefined,
		};
		this.#visitors.set(stream, visitor);
		stream.once("close", () => this.#left(stream));
		aedes.handle(stream);
	}

	publish(message: Message, origin: string | undefined, done: (error?: Error) => void, taken?: () => void): void {
		const aedes = this.#aedes;
		const refusal = whyNotNow(aedes !== undefined, message, this.#store);
		if (!aedes || refusal) {
			done(refusal);
			return;
		}
		// aedes passes `clientId` on unchanged; no client over the network can have one that starts with NUL.
		const packet = { ...message, cmd: "publish", dup: false, clientId: `${LOCAL}${origin ?? ""}` };
		aedes.publish(packet as unknown as AedesPublishPacket, (error) => {
			if (!error) taken?.();
			const kept = !error && message.qos > 0 ? this.#store.flushed() : undefined;
			if (kept) void kept.then(() => done());
			else done(error);
		});
	}

	clients(): EngineClient[] {
		return [...this.#clients.values()];
	}

	offlineSessions(): number {
		if (this.#shared) return this.#store.absentees().length;
		const below = this.#aedes as unknown as { expiringSessions: Map<string, unknown> } | undefined;
		return (below?.expiringSessions.size ?? 0) + this.#absent.count;
	}

	traffic(): Traffic {
		const sum = new Traffic();
		sum.add(this.#endedTraffic);
		for (const { stream } of this.#visitors.values()) sum.add(stream.traffic);
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

	#listen(aedes: Aedes, persistence: AedesPersistence): void {
		aedes.on("client", (below) => {
			const visitor = this.#visitors.get(below.conn);
			if (!visitor) {
				// Its connection ended during the login: aedes would have it for ever, and nobody else the client id.
				insideOf(aedes).unregisterClient(below);
				insideOf(aedes).scheduleSessionExpiry(below);
				return;
			}
			visitor.registered = true;
			visitor.endTurn();
		});
		aedes.on("clientDisconnect", (below) => {
			insideOf(aedes)._takingOver.delete(below.id);
			this.#logins.ended(below);
		});
		aedes.on("clientReady", (below) => {
			const client = AedesClient.of(below);
			if (!client || client.stream.destroyed) return;
			this.#clients.set(client.id, client);
			client.loggedIn = true;
			this.#absent.back(client.id);
			for (const { filter } of client.subscriptions()) client.filters.add(filter);
			if (!client.clean) this.#store.keepSession(client.id, client.access.user, client.patience);
			client.stream.release();
			this.#hooks.connected(client);
		});
		// In the same turn, right behind this event, aedes asks for the retained messages.
		aedes.on("subscribe", (_subscriptions, below) => {
			const client = AedesClient.of(below);
			if (client) persistence.retainedFor(client);
		});
		aedes.on("unsubscribe", (filters, below) => {
			const client = AedesClient.of(below);
			if (!client || this.#clients.get(client.id) !== client) return;
			for (const filter of filters) client.filters.delete(filter);
			this.#hooks.unsubscribed(client, filters);
		});
		aedes.on("clientError", (client, error) => this.#noteReason(client, error));
		aedes.on("connectionError", (client, error) => this.#noteReason(client, error));
		const others = aedes as unknown as NodeJS.EventEmitter;
		others.on("sessionExpired", ({ id }: Client) => this.#hooks.expired(id));
		others.on("sessionLimitReached", ({ id }: Client) => this.#hooks.expired(id));
		others.on("error", (error: Error) => this.#hooks.fault(error));
	}

	#sharedHooks(): SharedHooks {
		return {
			// In nodes and the sidebar hear what was published at the other processes, too.
			heard: (message) => this.#hooks.published(message, undefined, undefined),
			takenOver: (clientId) => this.#takenOver(clientId),
			expired: (clientId) => this.#hooks.expired(clientId),
			publishWill: (will) =>
				new Promise((resolve, reject) => this.publish(will, undefined, (error) => (error ? reject(error) : resolve()))),
			sendBack: () => {
				for (const id of [...this.#clients.keys()])
					this.disconnect(id, SERVER_BUSY, "messages may wait in the session");
			},
			fault: (error) => this.#hooks.fault(error),
		};
	}

	/** @returns false when the client is not here */
	#takenOver(clientId: string): boolean {
		const aedes = this.#aedes;
		if (!aedes) return false;
		// The will that waits here, and the session, go on at the other process.
		insideOf(aedes).clearDelayedWill(clientId);
		// Also where only aedes is not done with it yet.
		if (insideOf(aedes).clients[clientId]) insideOf(aedes)._takingOver.add(clientId);
		return this.#sharedClients?.takenOver(clientId) ?? false;
	}

	#noteReason(client: Client, error: Error): void {
		const visitor = this.#visitors.get(client.conn);
		if (visitor && error.message !== "keep alive timeout") visitor.stream.endReason = error.message;
	}

	#meet(client: Client, packet: ConnectPacket, done: (error: Error | null, success: boolean) => void): void {
		const visitor = this.#visitors.get(client.conn);
		if (!visitor) {
			done(new Error("the connection is gone"), false);
			return;
		}
		// Filters and brokers' names are keys in these: they must not meet the properties that every object has.
		Object.assign(client, { subscriptions: Object.create(null), duplicates: Object.create(null) });
		visitor.clientId = packet.clientId;
		visitor.keepalive = packet.keepalive ?? 0;
		// MQTT 5 clients are told of the limit; aedes refuses the others, with a code that MQTT does not have.
		const { keepaliveMax } = this.#limits;
		if (packet.protocolVersion !== 5 && (visitor.keepalive === 0 || visitor.keepalive > keepaliveMax)) {
			packet.keepalive = keepaliveMax;
		}
		visitor.cleanStart = packet.clean !== false;
		done(null, true);
	}

	async #login(
		client: Client,
		username: string | undefined,
		password: Buffer | undefined,
	): Promise<AuthenticateError | null> {
		const visitor = this.#visitors.get(client.conn);
		if (!visitor) return refusal({ reason: "the connection is gone" });
		const login: Login = {
			clientId: client.id,
			...(username === undefined ? {} : { username }),
			...(password === undefined ? {} : { password }),
			address: visitor.peer.address,
			listener: visitor.peer.listener,
			...(visitor.peer.certificateUser === undefined ? {} : { certificateUser: visitor.peer.certificateUser }),
		};
		const result = await this.#logins.login(login, visitor);
		if (!result.ok) return refusal(result);
		await this.#sharedClients?.claim(visitor, client.id);
		// aedes would keep a client whose connection has ended before.
		if (visitor.stream.destroyed) return refusal({ reason: "the connection is gone" });
		// A resumed session gets its queue also where it is to end with this connection. [MQTT-3.1.2-5]
		if (client.version === 5 && !visitor.cleanStart) Object.assign(client, { clean: false });
		new AedesClient(client, visitor, result.access);
		visitor.stream.identified();
		return null;
	}

	/** @returns `null` for an anonymous client, undefined where nobody has the client id */
	#owner(clientId: string): string | null | undefined {
		const client = this.#clients.get(clientId);
		return client ? client.access.user : this.#store.sessionUser(clientId);
	}

	/** Unless the client is here again. */
	#sessionWaits({ id, patience, protocolVersion }: AedesClient): void {
		if (this.#clients.has(id)) return;
		this.#store.leaveSession(id, patience);
		// Those of MQTT 5 are watched by aedes.
		if (protocolVersion < 5) this.#absent.left(id);
	}

	#left(stream: GuardedStream): void {
		const visitor = this.#visitors.get(stream);
		this.#visitors.delete(stream);
		if (!visitor) return;
		// When a client ends, aedes removes whoever has its client id: that must not be somebody else.
		if (!visitor.registered) Object.assign((stream as unknown as { client: object }).client, { _authorized: false });
		visitor.endTurn();
		this.#endedTraffic.add(stream.traffic);
		this.#sharedClients?.left(visitor);
		if (this.#visitors.size === 0) this.#allLeft();
		const { client, peer, clientId } = visitor;
		if (!client?.loggedIn) {
			this.#hooks.refused(peer, clientId, stream.endReason);
			return;
		}
		if (this.#clients.get(client.id) === client) this.#clients.delete(client.id);
		// What a session without a tomorrow leaves behind: QoS 2 messages that it never released.
		if (!this.#shared) {
			if (client.clean) this.#store.dropSession(client.id);
			else this.#sessionWaits(client);
		}
		this.#hooks.disconnected(client, stream.endReason);
	}
}

/** Of aedes, what is reached only from inside. */
interface Inside {
	/** Client ids whose wills and sessions go on with another connection. */
	readonly _takingOver: Set<string>;
	readonly clients: Readonly<Record<string, Client>>;
	clearDelayedWill(clientId: string): void;
	unregisterClient(client: Client): void;
	scheduleSessionExpiry(client: Client): void;
}

function insideOf(aedes: Aedes): Inside {
	return aedes as unknown as Inside;
}

/** Waits for it, but not for ever. */
async function soon(step: Promise<void>): Promise<void> {
	const late = new AbortController();
	await Promise.race([step, wait(LONGEST_FAREWELL, undefined, { signal: late.signal }).catch(() => {})]);
	late.abort();
}

function refusal({ refusal, reason }: { refusal?: LoginRefusal; reason: string }): AuthenticateError {
	const returnCode = refusal === "client-id" ? IDENTIFIER_REJECTED : NOT_AUTHORIZED;
	return Object.assign(new Error(reason), { returnCode: returnCode as AuthenticateError["returnCode"] });
}
