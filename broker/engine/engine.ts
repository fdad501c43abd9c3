/**
 * What the broker needs from an MQTT protocol engine. An engine speaks MQTT with clients and keeps sessions and
 * retained messages; who may do what, where connections come from and who is told is decided above it.
 * test/broker/engine.suite.ts states how an engine must behave.
 */

import type { Duplex } from "node:stream";
import type { AuthExchange, Login, LoginResult, SessionAccess } from "../access/access";
import type { LimitOptions } from "../limits";
import type { Message, QoS } from "../message";
import type { Store } from "../store/store";
import type { Traffic } from "./traffic";

/** Where a connection comes from. */
export interface Peer {
	/** Address without port; IPv4 plainly also where it came over IPv6. */
	readonly address: string;
	/** 0 for a socket file. */
	readonly port: number;
	/** Name of the listener that took the connection. */
	readonly listener: string;
	/** The only versions of MQTT that may be spoken; undefined for all. */
	readonly protocolVersions?: readonly (3 | 4 | 5)[];
	/** The user whom the client's TLS certificate names. */
	readonly certificateUser?: string;
}

export interface EngineSubscription {
	readonly filter: string;
	readonly qos: QoS;
}

/** A client that is logged in. One object from CONNECT to the end of the connection. */
export interface EngineClient {
	readonly id: string;
	readonly access: SessionAccess;
	readonly peer: Peer;
	/** 3 is MQTT 3.1, 4 is 3.1.1, 5 is 5.0. */
	readonly protocolVersion: 3 | 4 | 5;
	/** Seconds; 0 when the client asked for none. */
	readonly keepalive: number;
	/** `true` when nothing of the session outlives the connection. */
	readonly clean: boolean;
	/** Milliseconds since 1970. */
	readonly connectedAt: number;
	/** What went over its connection so far; goes on counting. */
	readonly traffic: Readonly<Traffic>;
	subscriptions(): EngineSubscription[];
}

/** What the engine asks and tells. Called synchronously; must not throw. */
export interface EngineHooks {
	login(login: Login): Promise<LoginResult>;
	/** Begins an enhanced authentication. @returns undefined for a method that is not known */
	authenticate(method: string, login: Login): AuthExchange | undefined;
	connected(client: EngineClient): void;
	/** @param reason one sentence, for people */
	disconnected(client: EngineClient, reason: string): void;
	subscribed(client: EngineClient, subscriptions: readonly EngineSubscription[]): void;
	unsubscribed(client: EngineClient, filters: readonly string[]): void;
	/** An action of a client that its rights do not allow. */
	denied(client: EngineClient, action: "publish" | "subscribe" | "receive", topic: string, reason: string): void;
	/**
	 * Once for each publication of a client, wills too, that its rights allow, and before anything else is done with it.
	 * A QoS 2 message that is sent again before its release is not asked about again.
	 * @returns what is published in its place; undefined: it was here before, is acknowledged and goes nowhere
	 */
	arriving(message: Message): Message | undefined;
	/**
	 * Once for each publication that was accepted, in order.
	 * @param client who published; undefined for publications from this process
	 * @param origin what was given to {@link Engine.publish}
	 */
	published(message: Message, client: EngineClient | undefined, origin: string | undefined): void;
	/** Messages that a client did not get because it reads too slowly. */
	dropped(client: EngineClient, count: number): void;
	/** The client sent more than it may in a second: it is read from more slowly for a moment. */
	slowed(client: EngineClient): void;
	/** A connection that ended before it was logged in. */
	refused(peer: Peer, clientId: string | undefined, reason: string): void;
	/** A session was given up because its client did not come back in time. */
	expired(clientId: string): void;
	/** A fault that belongs to no client. */
	fault(error: Error): void;
}

export interface Engine {
	start(): Promise<void>;
	/** Disconnects every client (MQTT 5: reason 0x8B, server shutting down) and forgets nothing that is durable. */
	stop(): Promise<void>;
	/** Takes over one connection. The engine destroys it at the end. */
	accept(connection: Duplex, peer: Peer): void;
	/**
	 * Publishes as the broker itself: no rights are asked.
	 * @param origin comes back in the hook `published`, so that a publisher in this process knows its own
	 * @param done called once, when every delivery was handed on, and is as safe as the store promises
	 * @param taken called before, unless there is an error: what is changed in the store by now is about the message, and
	 * what the caller changes at once belongs to it
	 */
	publish(message: Message, origin: string | undefined, done: (error?: Error) => void, taken?: () => void): void;
	/** The clients that are connected now. */
	clients(): EngineClient[];
	/** How many sessions without connection are kept for their clients. */
	offlineSessions(): number;
	/** What went over all connections so far, also over those that have ended. */
	traffic(): Readonly<Traffic>;
	client(id: string): EngineClient | undefined;
	/**
	 * @param reason for people
	 * @returns false when no such client is connected
	 */
	disconnect(clientId: string, reasonCode: number, reason: string): boolean;
}

export interface EngineSettings {
	/** Where MQTT 5 clients are sent when the engine stops. */
	readonly serverReference?: string | undefined;
}

/** Makes an engine that is not started. The store is opened before it starts and closed after it stopped. */
export type EngineFactory = (
	hooks: EngineHooks,
	limits: LimitOptions,
	store: Store,
	settings: EngineSettings,
) => Engine;
