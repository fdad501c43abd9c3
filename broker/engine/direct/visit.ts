/** A connection until its client is logged in: waits for CONNECT, asks who it is, and opens its session. */

import { randomUUID } from "node:crypto";
import type { Login, LoginResult } from "../../access/access";
import type { Message } from "../../message";
import { FOR_EVER } from "../../store/store";
import { type ConnectPacket, decodeConnect, encodeConnack } from "../../wire";
import type { Peer } from "../engine";
import { AuthTalk } from "./auth-talk";
import { type ClientTerms, DirectClient } from "./client";
import { ClientPackets } from "./client-packets";
import { connackProperties } from "./connack";
import type { Connection, PacketHandler } from "./connection";
import type { Parts } from "./parts";
import type { Will } from "./wills";

/** CONNACK return codes of MQTT 3. */
const IDENTIFIER_REJECTED = 2;
const NOT_AUTHORIZED = 5;
/** MQTT 5 reason codes. */
const CLIENT_ID_NOT_VALID = 0x85;
const NOT_AUTHORIZED_5 = 0x87;
const BAD_AUTHENTICATION_METHOD = 0x8c;
const TAKEN_OVER = 0x8e;
const TAKEN_OVER_TEXT = "another connection with the same client id took over";

const LARGEST_PACKET = 268_435_460;

export class Visit implements PacketHandler {
	readonly #connection: Connection;
	readonly #parts: Parts;
	readonly #over: () => void;
	#timer: NodeJS.Timeout | undefined;
	#clientId: string | undefined;
	#exchange: AuthTalk | undefined;

	/** @param over is told when it is over: the client is logged in, or has gone */
	constructor(connection: Connection, parts: Parts, over: () => void) {
		this.#connection = connection;
		this.#parts = parts;
		this.#over = over;
	}

	start(): void {
		const { connectTimeout } = this.#parts.limits;
		this.#timer = setTimeout(
			() => this.#connection.close(`no login within ${connectTimeout} seconds`),
			connectTimeout * 1_000,
		);
		this.#connection.start(this);
	}

	packet(packet: Buffer): void {
		if (this.#exchange) {
			this.#exchange.packet(packet);
			return;
		}
		const connect = decodeConnect(packet);
		this.#clientId = connect.clientId;
		// [MQTT-3.1.3-6] [MQTT-3.2.2-16]
		const clientId = connect.clientId === "" ? randomUUID() : connect.clientId;
		const login = loginOf(connect, clientId, this.#connection.peer);
		const method = connect.properties.authenticationMethod;
		if (method !== undefined) {
			this.#authenticate(connect, login, method);
			return;
		}
		// What comes behind CONNECT waits for its answer.
		this.#connection.hold();
		void this.#logIn(connect, login).catch((error: Error) => this.#failed(connect, error));
	}

	roomy(): void {}

	lost(): void {}

	fault(error: Error): void {
		this.#parts.hooks.fault(error);
	}

	ended(): void {
		clearTimeout(this.#timer);
		this.#over();
		this.#parts.hooks.refused(this.#connection.peer, this.#clientId, this.#connection.endReason);
	}

	#failed(connect: ConnectPacket, error: Error): void {
		this.#parts.hooks.fault(error);
		if (this.#connection.loggedIn) this.#connection.close("met a fault of the broker");
		else this.#refuse(connect, NOT_AUTHORIZED_5, "the login could not be checked");
	}

	async #logIn(connect: ConnectPacket, login: Login): Promise<void> {
		let judged: string | null | undefined;
		for (;;) {
			const result = await this.#parts.hooks.login(login);
			if (this.#connection.closed) return;
			if (!result.ok) {
				this.#refuseLogin(connect, result);
				return;
			}
			const owner = this.#owner(login.clientId);
			// Somebody else has taken the client id since it was asked whose it is: that has to be asked again.
			if (owner === undefined || owner === result.access.user || owner === judged) {
				this.#enter(connect, login.clientId, result);
				return;
			}
			judged = owner;
		}
	}

	/** [MQTT 5, 4.12] */
	#authenticate(connect: ConnectPacket, login: Login, method: string): void {
		const exchange = this.#parts.hooks.authenticate(method, login);
		if (!exchange) {
			this.#refuse(connect, BAD_AUTHENTICATION_METHOD, "asks for an authentication method that is not known here");
			return;
		}
		const talk = new AuthTalk(this.#connection, method, exchange, {
			refused: (result) => this.#refuseLogin(connect, result),
			done: (result, data) => {
				const owner = this.#owner(login.clientId);
				if (owner === undefined || owner === null || owner === result.access.user) {
					this.#enter(connect, login.clientId, result, talk, data);
				} else this.#refuse(connect, CLIENT_ID_NOT_VALID, "the client id belongs to another user");
			},
			failed: (error) => this.#failed(connect, error),
		});
		this.#exchange = talk;
		talk.take(connect.properties.authenticationData);
	}

	/** @returns `null` for an anonymous client, undefined where nobody has the client id */
	#owner(clientId: string): string | null | undefined {
		const { sessions, store } = this.#parts;
		const client = sessions.get(clientId)?.client;
		return client ? client.access.user : store.sessionUser(clientId);
	}

	/** @param talk by which it has authenticated itself @param data that ends the talk */
	#enter(
		connect: ConnectPacket,
		clientId: string,
		{ access }: LoginResult & { ok: true },
		talk?: AuthTalk,
		data?: Buffer,
	): void {
		clearTimeout(this.#timer);
		const { sessions, store, wills, hooks, limits } = this.#parts;
		this.#takeOver(clientId, connect);
		const { session, isOld } = sessions.open(clientId, access.user, !connect.cleanStart);
		session.expiry = this.#expiryOf(connect);
		const terms = this.#termsOf(connect);
		const client = new DirectClient(this.#connection, session, access, terms, this.#parts);
		session.client = client;
		if (session.expiry > 0 || isOld) store.keepSession(clientId, access.user, session.expiry);
		// A will of its last visit, also one that an earlier process left.
		wills.forget(clientId);
		wills.keep(client);
		const v5 = terms.version === 5;
		const properties = v5 ? connackProperties(connect, clientId, terms, session.expiry, limits) : undefined;
		if (properties && talk) Object.assign(properties, talk.properties(data));
		this.#connection.loggedIn = true;
		// MQTT 3.1 has no session present flag.
		client.confirm(encodeConnack(0, isOld && terms.version > 3, v5, properties), () => {
			if (this.#connection.closed) return;
			session.outflow.start(client, Math.min(terms.receiveMaximum, limits.inflight));
		});
		this.#over();
		this.#connection.handOver(new ClientPackets(client, this.#parts, talk?.method));
		hooks.connected(client);
		this.#connection.release();
	}

	/** Ends the connection that has the client id now. [MQTT-3.1.4-3] */
	#takeOver(clientId: string, connect: ConnectPacket): void {
		const older = this.#parts.sessions.get(clientId)?.client;
		if (!older) return;
		// A will that waits for the end of the session is not sent where the session goes on. [MQTT-3.1.3-9]
		const goesOn = !connect.cleanStart && older.session.expiry > 0;
		if (goesOn && (older.terms.will?.delay ?? 0) > 0) older.willIsOver = true;
		older.connection.close(TAKEN_OVER_TEXT, older.connection.lastDisconnect(TAKEN_OVER, TAKEN_OVER_TEXT));
	}

	#refuseLogin(connect: ConnectPacket, { refusal, reason }: LoginResult & { ok: false }): void {
		this.#refuse(connect, refusal === "client-id" ? CLIENT_ID_NOT_VALID : NOT_AUTHORIZED_5, reason);
	}

	#refuse({ version }: ConnectPacket, code: number, reason: string): void {
		if (version === 5) {
			this.#connection.close(reason, encodeConnack(code, false, true));
			return;
		}
		const old = code === CLIENT_ID_NOT_VALID ? IDENTIFIER_REJECTED : NOT_AUTHORIZED;
		this.#connection.close(reason, encodeConnack(old, false, false));
	}

	/** Seconds. A client before MQTT 5 that wants its session kept can't say for how long. */
	#expiryOf({ version, cleanStart, properties }: ConnectPacket): number {
		const asked = version === 5 ? (properties.sessionExpiryInterval ?? 0) : cleanStart ? 0 : FOR_EVER;
		return Math.min(asked, this.#parts.limits.sessionExpiryMax);
	}

	#termsOf(connect: ConnectPacket): ClientTerms {
		const { version, bridge, keepAlive, properties } = connect;
		const { keepaliveMax } = this.#parts.limits;
		return {
			version,
			bridge,
			keepalive: keepAlive === 0 || keepAlive > keepaliveMax ? keepaliveMax : keepAlive,
			receiveMaximum: properties.receiveMaximum ?? 65_535,
			maximumPacketSize: properties.maximumPacketSize ?? LARGEST_PACKET,
			aliases: properties.topicAliasMaximum ?? 0,
			wantsReasons: properties.requestProblemInformation ?? true,
			will: willOf(connect),
		};
	}
}

export function loginOf(
	{ username, password }: Pick<ConnectPacket, "username" | "password">,
	clientId: string,
	{ address, listener, certificateUser }: Peer,
): Login {
	return {
		clientId,
		...(username === undefined ? {} : { username }),
		...(password === undefined ? {} : { password }),
		address,
		listener,
		...(certificateUser === undefined ? {} : { certificateUser }),
	};
}

function willOf({ will }: ConnectPacket): Will | undefined {
	if (!will) return undefined;
	const { topic, payload, qos, retain } = will;
	const { willDelayInterval: delay = 0, ...properties } = will.properties ?? {};
	const message: Message = { topic, payload, qos, retain };
	if (Object.keys(properties).length > 0) message.properties = properties;
	return { message, delay };
}
