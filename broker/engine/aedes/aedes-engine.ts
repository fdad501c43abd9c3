/**
 * The engine on aedes: the only file that imports it. It hands aedes a guarded stream for each connection, its own
 * matcher, and hooks that ask the rights of the session.
 */

import { randomUUID } from "node:crypto";
import type { Duplex } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import type { Aedes, AedesPublishPacket, AuthenticateError, Client, ConnectPacket } from "aedes";
import type { Decision, Login, LoginRefusal } from "../../access/access";
import type { LimitOptions } from "../../limits";
import type { Message, MessageProperties, QoS } from "../../message";
import type { Store, StoredMessage } from "../../store/store";
import type { Engine, EngineClient, EngineFactory, EngineHooks, Peer } from "../engine";
import { Traffic } from "../traffic";
import { whyNotNow } from "../why-not-now";
import { AbsentSessions } from "./absent-sessions";
import { AedesClient, type Visitor } from "./aedes-client";
import { AedesPersistence, EMPTY_SESSION, PROTO_FILTER } from "./aedes-persistence";
import { type GuardEvents, GuardedStream } from "./guarded-stream";
import { LoginTurns } from "./login-turns";
import { TrieEmitter } from "./trie-emitter";

/** CONNACK return codes of MQTT 3; aedes turns them into 0x85 and 0x87 for MQTT 5. [MQTT-3.2.2-5] */
const IDENTIFIER_REJECTED = 2;
const NOT_AUTHORIZED = 5;
/** More packets than this waiting behind a CONNECT never reach aedes: the guard holds them back. */
const QUEUE_LIMIT = 1_000;
/** Milliseconds; the most that a timer takes. */
const LONGEST_TIMEOUT = 2_147_483_647;

/** Milliseconds for backends that are away to say goodbye. */
const LONGEST_FAREWELL = 2_000;

const NOBODY: Decision = { allow: false, reason: "the client is not logged in" };

/** A PUBLISH or a will: aedes gives a will no `cmd`. */
interface Publication {
	cmd?: string;
	topic: string;
	payload: string | Buffer;
	qos: QoS;
	retain: boolean;
	clientId?: string;
	/** Of one from a client, with QoS 1 or 2. */
	messageId?: number;
	properties?: object | undefined;
}

export const aedesEngine: EngineFactory = (hooks, limits, store) => new AedesEngine(hooks, limits, store);

/** What several processes share in place of our own matcher and store. */
export interface SharedBackends {
	/** Called at each start. @returns a message emitter and a persistence as aedes wants them */
	open(): Promise<{ mq: object; persistence: object }>;
	/** Cuts their connections: what can't be reached any more is not waited for. */
	giveUp(): void;
}

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
	#aedes: Aedes | undefined;

	constructor(hooks: EngineHooks, limits: LimitOptions, store: Store, shared?: SharedBackends) {
		this.#shared = shared;
		this.#hooks = hooks;
		this.#limits = limits;
		this.#store = store;
		this.#persistence = new AedesPersistence(store, limits.unreleased);
		this.#logins = new LoginTurns({
			login: (login) => hooks.login(login),
			holder: (clientId) =>
				(this.#aedes as unknown as { clients: Record<string, Client> } | undefined)?.clients[clientId],
			owner: (clientId) => this.#owner(clientId),
			isHere: ({ stream }) => this.#visitors.has(stream),
		});
		this.#absent = new AbsentSessions(limits.sessionExpiryMax, limits.absentSessions, (clientId) => {
			store.dropSession(clientId);
			hooks.expired(clientId);
		});
	}

	async start(): Promise<void> {
		// aedes is an ES module: `require` of it fails while somebody else imports it.
		const { Aedes } = await import("aedes");
		const shared = await this.#shared?.open();
		const aedes = new Aedes({
			id: this.#id,
			mq: shared?.mq ?? new TrieEmitter(this.#internal),
			persistence: shared?.persistence ?? this.#persistence,
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
			authorizePublish: (client, packet, done) => this.#authorizePublish(client, packet, done),
			authorizeSubscribe: (client, subscription, done) =>
				done(null, this.#maySubscribe(client, subscription) ? subscription : null),
			authorizeForward: (client, packet) => (this.#mayReceive(client, packet.topic) ? packet : null),
			published: (packet, client, done) => {
				this.#published(packet, client);
				done();
			},
		});
		// A client that calls itself `constructor` must not be found among the properties that every object has.
		Object.assign(aedes, { clients: Object.create(null) });
		this.#listen(aedes);
		await aedes.listen();
		if (shared) this.#follow(shared.mq as Emitter);
		this.#absent.start(this.#store.absentees());
		this.#aedes = aedes;
	}

	async stop(): Promise<void> {
		const aedes = this.#aedes;
		this.#aedes = undefined;
		if (!aedes) return;
		this.#absent.stop();
		for (const { stream } of this.#visitors.values()) stream.endReason = "the broker was stopped";
		const closed = new Promise<void>((resolve) => aedes.close(() => resolve()));
		if (this.#shared) {
			await Promise.race([closed, wait(LONGEST_FAREWELL)]);
			this.#shared.giveUp();
		} else await closed;
		for (const { stream } of this.#visitors.values()) stream.destroy();
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

	#listen(aedes: Aedes): void {
		aedes.on("client", (below) => {
			const visitor = this.#visitors.get(below.conn);
			if (!visitor) return;
			visitor.registered = true;
			visitor.endTurn();
		});
		aedes.on("clientDisconnect", (below) => this.#logins.ended(below));
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
			if (client) this.#persistence.retainedFor(client);
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

	/** In nodes and the sidebar hear what was published at the other processes, too. */
	#follow(mq: Emitter): void {
		// Whoever made the backends tells once that they are away, and not at each attempt.
		mq.state?.on("error", () => {});
		mq.on("#", (packet, done) => {
			if (packet.brokerId !== this.#id && packet.brokerId !== undefined && !isNotice(packet.topic)) this.#heard(packet);
			done();
		});
	}

	#heard(packet: Publication): void {
		const message = messageOf(packet);
		if (message.retain) this.#store.retain(keptOf(message));
		this.#hooks.published(message, undefined, undefined);
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

	#authorizePublish(below: Client | null, packet: Publication, done: (error?: Error | null) => void): void {
		const isWill = packet.cmd === undefined;
		if (isWill) stripWillDelay(packet);
		if (!below) {
			done(null);
			return;
		}
		const client = AedesClient.of(below);
		const decision = client?.access.mayPublish(packet.topic) ?? NOBODY;
		if (decision.allow) {
			const isNew = this.#arrives(below, packet);
			// Not at once: see below.
			if (isNew) done(null);
			else process.nextTick(done, null);
			return;
		}
		if (client) this.#hooks.denied(client, "publish", packet.topic, decision.reason);
		// Not at once: aedes would read the next packet while it still parses this one.
		if (isWill || below.version === 5) {
			process.nextTick(done, new Error(decision.reason));
			return;
		}
		// MQTT before 5 has no way to say no: the message is acknowledged and goes nowhere. [MQTT-3.3.5-2]
		this.#divert(packet);
		process.nextTick(done, null);
	}

	/** @returns false when the message was here before */
	#arrives({ id }: Client, packet: Publication): boolean {
		// Sent again: aedes asks before it finds out.
		if (packet.qos === 2 && this.#store.hasReceived(id, packet.messageId ?? 0)) return true;
		const message = this.#hooks.arriving(packet as Message);
		if (message && message !== packet) Object.assign(packet, message);
		if (!message) this.#divert(packet);
		return message !== undefined;
	}

	/** Acknowledged, and goes nowhere. */
	#divert(packet: Publication): void {
		packet.topic = `${this.#internal}diverted`;
		packet.payload = Buffer.alloc(0);
		packet.retain = false;
	}

	#maySubscribe(below: Client, subscription: { topic: string }): boolean {
		if (subscription.topic === EMPTY_SESSION) return false;
		if (subscription.topic === PROTO_FILTER) subscription.topic = "__proto__";
		const filter = subscription.topic;
		const client = AedesClient.of(below);
		// aedes has no shared subscriptions. It tells MQTT 5 clients so; to older ones it would grant a dead filter.
		if (filter.startsWith("$share/")) return false;
		const decision = client?.access.maySubscribe(filter) ?? NOBODY;
		if (client && !decision.allow) this.#hooks.denied(client, "subscribe", filter, decision.reason);
		return decision.allow;
	}

	#mayReceive(below: Client, topic: string): boolean {
		const client = AedesClient.of(below);
		const decision = client?.access.mayReceive(topic) ?? NOBODY;
		if (client && !decision.allow) this.#hooks.denied(client, "receive", topic, decision.reason);
		return decision.allow;
	}

	#published(packet: Publication, below: Client | null): void {
		if (below && packet.qos === 1) AedesClient.of(below)?.stream.stored(packet.messageId as number);
		if (packet.topic.startsWith(this.#internal)) return;
		const message = messageOf(packet);
		if (this.#shared && message.retain) this.#store.retain(keptOf(message));
		const origin = packet.clientId?.startsWith(LOCAL) ? packet.clientId.slice(LOCAL.length) : "";
		this.#hooks.published(message, below ? AedesClient.of(below) : undefined, origin || undefined);
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
		const { client, peer, clientId } = visitor;
		if (!client?.loggedIn) {
			this.#hooks.refused(peer, clientId, stream.endReason);
			return;
		}
		if (this.#clients.get(client.id) === client) this.#clients.delete(client.id);
		// What a session without a tomorrow leaves behind: QoS 2 messages that it never released.
		if (client.clean) this.#store.dropSession(client.id);
		else this.#sessionWaits(client);
		this.#hooks.disconnected(client, stream.endReason);
	}
}

/** Of a message emitter that several processes share. */
interface Emitter {
	readonly state?: { on(event: "error", listener: (error: Error) => void): void };
	on(topic: string, listener: (packet: Publication & { brokerId?: string }, done: () => void) => void): void;
}

function messageOf({ topic, payload, qos, retain, properties }: Publication): Message {
	const message: Message = { topic, payload: payload as Buffer, qos: qos ?? 0, retain: retain ?? false };
	if (properties) message.properties = properties as MessageProperties;
	return message;
}

/** To be kept beside Redis. */
function keptOf(message: Message): StoredMessage {
	const seconds = message.properties?.messageExpiryInterval;
	return { ...message, ...(seconds !== undefined && { expiresAt: Date.now() + seconds * 1_000 }) };
}

/** What aedes tells itself, in this process or another. */
function isNotice(topic: string): boolean {
	return topic.startsWith("$flowbroker/") || /^\$SYS\/[0-9a-f-]{36}\//.test(topic);
}

/** Starts the `clientId` of what this process publishes. */
const LOCAL = "\0local:";

function refusal({ refusal, reason }: { refusal?: LoginRefusal; reason: string }): AuthenticateError {
	const returnCode = refusal === "client-id" ? IDENTIFIER_REJECTED : NOT_AUTHORIZED;
	return Object.assign(new Error(reason), { returnCode: returnCode as AuthenticateError["returnCode"] });
}

function stripWillDelay(packet: Publication): void {
	const properties = packet.properties as { willDelayInterval?: number } | undefined;
	if (properties) delete properties.willDelayInterval;
}
