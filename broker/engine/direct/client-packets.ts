/** What a client that is logged in sends, packet by packet. */

import type { AuthExchange } from "../../access/access";
import type { Message } from "../../message";
import {
	answer,
	decodeAnswer,
	decodeAuth,
	decodeDisconnect,
	decodePublish,
	encodeAnswer,
	encodePingresp,
	type PublishPacket,
	packetType,
	type WireProblem,
} from "../../wire";
import type { Peer } from "../engine";
import { AliasesIn } from "./aliases";
import { AuthTalk, OTHER_METHOD } from "./auth-talk";
import type { DirectClient } from "./client";
import { TOPIC_ALIASES } from "./connack";
import type { Connection, PacketHandler } from "./connection";
import type { Parts } from "./parts";
import { subscribe, unsubscribe } from "./subscribing";

const NOT_AUTHORIZED = 0x87;
const PACKET_ID_UNKNOWN = 0x92;
const DISCONNECT_WITH_WILL = 0x04;
/** From here on a reason code is a refusal. */
const REFUSAL = 0x80;
/** [MQTT-2.2.1] */
const PACKET_IDS = 65_535;

const ALIAS_INVALID: WireProblem = { reasonCode: 0x94, text: "used a topic alias that it was not allowed" };
const ALIAS_UNKNOWN: WireProblem = { reasonCode: 0x94, text: "used a topic alias before it gave it a topic" };
const TOO_MANY: WireProblem = {
	reasonCode: 0x93,
	text: "sent more QoS 2 messages without releasing them than the receive maximum that it was told [MQTT-3.3.4-9]",
};
const EXPIRY_FROM_ZERO: WireProblem = {
	reasonCode: 0x82,
	text: "asked with DISCONNECT to keep a session that CONNECT had asked to end [MQTT 5, 3.14.2.2.2]",
};

export class ClientPackets implements PacketHandler {
	readonly #client: DirectClient;
	readonly #connection: Connection;
	readonly #parts: Parts;
	#aliases: AliasesIn | undefined;
	/** The client authenticates itself again. */
	#talk: AuthTalk | undefined;

	/** @param method of enhanced authentication by which the client has logged in */
	constructor(
		client: DirectClient,
		parts: Parts,
		readonly method: string | undefined,
	) {
		this.#client = client;
		this.#connection = client.connection;
		this.#parts = parts;
	}

	slowed(): void {
		this.#parts.hooks.slowed(this.#client);
	}

	packet(packet: Buffer): void {
		switch ((packet[0] as number) >> 4) {
			case packetType.publish:
				this.#publish(packet);
				break;
			case packetType.puback:
			case packetType.pubcomp:
				this.#acknowledged(decodeAnswer(packet).packetId);
				break;
			case packetType.pubrec:
				this.#pubrec(packet);
				break;
			case packetType.pubrel:
				this.#pubrel(packet);
				break;
			case packetType.subscribe:
				subscribe(packet, this.#client, this.#parts);
				break;
			case packetType.unsubscribe:
				unsubscribe(packet, this.#client, this.#parts);
				break;
			case packetType.pingreq:
				this.#connection.out.write(encodePingresp());
				break;
			case packetType.disconnect:
				this.#disconnect(packet);
				break;
			case packetType.auth:
				this.#authenticate(packet);
				break;
		}
		this.#client.holdIfFull();
	}

	roomy(): void {
		this.#client.roomy();
	}

	fault(error: Error): void {
		this.#parts.hooks.fault(error);
	}

	lost(): void {
		this.#client.retained.giveUp();
	}

	ended(): void {
		const { sessions, wills, hooks } = this.#parts;
		const client = this.#client;
		const { session } = client;
		client.promises.end();
		session.outflow.stop();
		if (session.client === client) session.client = undefined;
		if (client.willIsOver) wills.forget(client.id);
		else wills.lost(client, session.expiry);
		sessions.left(session);
		hooks.disconnected(client, this.#connection.endReason);
	}

	#publish(packet: Buffer): void {
		const { limits, store } = this.#parts;
		if (store.congested && !isForgotten(packet)) {
			this.#waitForStore(packet);
			return;
		}
		const publish = decodePublish(packet, this.#client.isV5);
		const message = this.#messageOf(publish);
		if (!message) return;
		const { qos, packetId } = publish;
		// One that came before is not handed on again. [MQTT-4.3.3-10]
		const isAgain = qos === 2 && store.hasReceived(this.#client.id, packetId);
		const most = this.#client.isV5 ? limits.unreleased : PACKET_IDS;
		const { allow, reason } = this.#client.access.mayPublish(message.topic);
		if (!allow && !isAgain) this.#parts.hooks.denied(this.#client, "publish", message.topic, reason);
		if (qos === 2 && !isAgain && (allow || !this.#client.isV5) && !store.receive(this.#client.id, packetId, most)) {
			this.#connection.refuse(TOO_MANY);
			return;
		}
		if (allow && !isAgain) this.#parts.publisher.arrived(message, this.#client.session);
		if (qos === 0) return;
		// MQTT before 5 has no way to say no: the message is acknowledged and goes nowhere. [MQTT-3.3.5-2]
		const code = allow || isAgain ? 0 : NOT_AUTHORIZED;
		const first = qos === 1 ? answer.puback : answer.pubrec;
		this.#client.answer(first, packetId, code, reason);
	}

	/** The disk does not keep up: this message and those behind it wait. */
	#waitForStore(packet: Buffer): void {
		this.#connection.hold();
		const flushed = this.#parts.store.flushed() ?? Promise.resolve();
		void flushed.then(() => {
			if (!this.#connection.closed) this.packet(packet);
			this.#connection.release();
		});
	}

	/** @returns undefined where the connection was ended over its alias */
	#messageOf({ topic: name, payload, qos, retain, properties }: PublishPacket): Message | undefined {
		if (!properties) return { topic: name, payload, qos, retain };
		const { topicAlias, ...others } = properties;
		let topic = name;
		if (topicAlias !== undefined) {
			this.#aliases ??= new AliasesIn(TOPIC_ALIASES);
			const found = this.#aliases.resolve(topicAlias, name);
			if (typeof found === "string") {
				this.#connection.refuse(found === "invalid" ? ALIAS_INVALID : ALIAS_UNKNOWN);
				return undefined;
			}
			topic = found.topic;
		}
		const message: Message = { topic, payload, qos, retain };
		for (const _ in others) {
			message.properties = others;
			break;
		}
		return message;
	}

	#acknowledged(packetId: number): void {
		if (this.#client.session.outflow.acknowledged(packetId)) this.#client.retained.pump();
	}

	#pubrec(packet: Buffer): void {
		const { packetId, reasonCode } = decodeAnswer(packet);
		if (this.#client.isV5 && reasonCode >= REFUSAL) {
			this.#acknowledged(packetId);
			return;
		}
		const isKnown = this.#client.session.outflow.released(packetId);
		this.#client.promises.send(
			encodeAnswer(answer.pubrel, packetId, this.#client.isV5, isKnown ? 0 : PACKET_ID_UNKNOWN),
		);
	}

	#pubrel(packet: Buffer): void {
		const { packetId } = decodeAnswer(packet);
		const isKnown = this.#parts.store.release(this.#client.id, packetId);
		this.#client.promises.send(
			encodeAnswer(answer.pubcomp, packetId, this.#client.isV5, isKnown ? 0 : PACKET_ID_UNKNOWN),
		);
	}

	/** Again, while everything else goes on. [MQTT-4.12.1-1] */
	#authenticate(packet: Buffer): void {
		if (this.#talk) {
			this.#talk.packet(packet);
			return;
		}
		const { properties } = decodeAuth(packet);
		const method = properties?.authenticationMethod;
		const { id: clientId, peer, access } = this.#client;
		const exchange = method === this.method && method !== undefined ? this.#begin(method, clientId, peer) : undefined;
		if (method === undefined || !exchange) {
			this.#connection.refuse(OTHER_METHOD);
			return;
		}
		const talk = new AuthTalk(this.#connection, method, exchange, {
			refused: ({ reason }) => this.#client.disconnect(NOT_AUTHORIZED, reason),
			done: (result, data) => {
				this.#talk = undefined;
				if (result.access.user !== access.user) this.#client.disconnect(NOT_AUTHORIZED, "became another user");
				else {
					talk.succeed(data);
					this.#connection.release();
				}
			},
			failed: (error) => {
				this.fault(error);
				this.#client.disconnect(NOT_AUTHORIZED, "the authentication could not be checked");
			},
		});
		this.#talk = talk;
		talk.take(properties?.authenticationData);
	}

	#begin(method: string, clientId: string, peer: Peer): AuthExchange | undefined {
		const login = { clientId, address: peer.address, listener: peer.listener };
		return this.#parts.hooks.authenticate(method, login);
	}

	#disconnect(packet: Buffer): void {
		const { session } = this.#client;
		if (this.#client.isV5) {
			const { reasonCode, properties } = decodeDisconnect(packet);
			const expiry = properties?.sessionExpiryInterval;
			if (expiry !== undefined) {
				if (expiry > 0 && session.expiry === 0) {
					this.#connection.refuse(EXPIRY_FROM_ZERO);
					return;
				}
				session.expiry = Math.min(expiry, this.#parts.limits.sessionExpiryMax);
			}
			this.#client.willIsOver = reasonCode !== DISCONNECT_WITH_WILL;
		} else {
			this.#client.willIsOver = true;
		}
		this.#connection.close("the client disconnected");
	}
}

/** PUBLISH with QoS 0 and without retain flag leaves nothing in the store. */
function isForgotten(packet: Buffer): boolean {
	return ((packet[0] as number) & 0b0111) === 0;
}
