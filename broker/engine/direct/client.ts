/** A connected client: what the rest of the broker sees of it, and how messages are sent to it. */

import type { SessionAccess } from "../../access/access";
import type { QoS } from "../../message";
import { withTimeLeft } from "../../store/expiry";
import type { QueuedMessage } from "../../store/store";
import { answer, encodeAnswer, encodePublish, type PropertyValues, packetType } from "../../wire";
import type { EngineClient, EngineHooks, EngineSubscription, Peer } from "../engine";
import type { Traffic } from "../traffic";
import { AliasesOut } from "./aliases";
import type { Connection } from "./connection";
import type { Receiver } from "./outflow";
import type { Parts } from "./parts";
import { PromiseLine } from "./promise-line";
import type { Publication } from "./publication";
import { RetainedLine } from "./retained-line";
import type { Session } from "./session";
import type { Will } from "./wills";

/** What the client asked for with CONNECT, within this broker's limits. */
export interface ClientTerms {
	readonly version: 3 | 4 | 5;
	/** Seconds. */
	readonly keepalive: number;
	/** A bridge of Mosquitto's kind. */
	readonly bridge: boolean;
	/** Messages of QoS 1 and 2 that it takes unacknowledged. */
	readonly receiveMaximum: number;
	/** The largest packet that it takes, in bytes. */
	readonly maximumPacketSize: number;
	/** Topic aliases that it takes. */
	readonly aliases: number;
	/** It wants reasons in words. */
	readonly wantsReasons: boolean;
	readonly will: Will | undefined;
}

export class DirectClient implements EngineClient, Receiver {
	readonly id: string;
	readonly peer: Peer;
	readonly protocolVersion: 3 | 4 | 5;
	readonly keepalive: number;
	readonly connectedAt = Date.now();
	/** Answers that wait for the store. */
	readonly promises: PromiseLine;
	readonly retained: RetainedLine;
	/** The will is not to be sent. */
	willIsOver = false;
	readonly #v5: boolean;
	readonly #hooks: EngineHooks;
	readonly #aliases: AliasesOut | undefined;
	/** Its packets wait until promises have left. */
	#isHeld = false;

	constructor(
		readonly connection: Connection,
		readonly session: Session,
		readonly access: SessionAccess,
		readonly terms: ClientTerms,
		{ hooks, store, publisher }: Parts,
	) {
		this.id = session.id;
		this.peer = connection.peer;
		this.protocolVersion = terms.version;
		this.keepalive = terms.keepalive;
		this.#v5 = terms.version === 5;
		this.#hooks = hooks;
		this.#aliases = terms.aliases > 0 ? new AliasesOut(terms.aliases) : undefined;
		this.promises = new PromiseLine(
			store,
			(packet) => {
				if ((packet[0] as number) >> 4 === packetType.publish) connection.out.writeMessage(packet);
				else connection.out.write(packet);
			},
			() => this.#promisesFreed(),
		);
		connection.largest = terms.maximumPacketSize;
		this.retained = new RetainedLine(this, store, publisher);
	}

	get clean(): boolean {
		return this.session.expiry === 0;
	}

	get traffic(): Readonly<Traffic> {
		return this.connection.traffic;
	}

	get isV5(): boolean {
		return this.#v5;
	}

	/** May another message be sent to it? */
	get hasRoom(): boolean {
		return this.connection.out.hasRoom;
	}

	subscriptions(): EngineSubscription[] {
		return [...this.session.subscriptions.values()].map(({ filter, qos }) => ({ filter, qos }));
	}

	/** Tells the hooks of a no. */
	mayReceive(topic: string): boolean {
		const { allow, reason } = this.access.mayReceive(topic);
		if (!allow) this.#hooks.denied(this, "receive", topic, reason);
		return allow;
	}

	/** With QoS 0: dropped where the client reads too slowly. */
	sendAtMostOnce(publication: Publication, retain: boolean, identifier: number | undefined): void {
		if (!this.connection.out.hasRoom) {
			this.#hooks.dropped(this, 1);
			return;
		}
		const isPlain = identifier === undefined && !this.#aliases;
		const packet = isPlain
			? publication.wire(this.#v5, retain)
			: this.#publish({ ...publication.message, qos: 0, retain }, 0, false, withIdentifier(publication, identifier));
		if (packet.length > this.terms.maximumPacketSize) this.#hooks.dropped(this, 1);
		else this.connection.out.writeMessage(packet);
	}

	/** A message of QoS 1 or 2 that has its packet identifier. */
	sendMessage({ message, packetId }: QueuedMessage, again: boolean): boolean {
		const sent = message.expiresAt === undefined ? message : withTimeLeft(message, Date.now());
		const packet = this.#publish(sent, packetId as number, again, sent.properties);
		if (packet.length > this.terms.maximumPacketSize) {
			this.#hooks.dropped(this, 1);
			return false;
		}
		// After a restart it must go out under the same packet identifier, or the receiver takes it twice.
		if (message.qos === 2) this.promises.send(packet);
		else this.connection.out.writeMessage(packet);
		return true;
	}

	sendRelease(packetId: number): void {
		this.promises.send(encodeAnswer(answer.pubrel, packetId, this.#v5));
	}

	refuseSlow(): void {
		this.connection.refuseSlow();
	}

	/** Where it has read everything: what waits goes on. */
	roomy(): void {
		this.session.outflow.pump();
		this.retained.pump();
	}

	disconnect(reasonCode: number, reason: string): void {
		this.connection.close(reason, this.connection.lastDisconnect(reasonCode, reason));
	}

	/**
	 * An answer about the session: it waits for the store where the session is to last, or has a will to be kept.
	 * @param sent is called when it was written
	 */
	confirm(packet: Buffer, sent?: () => void): void {
		if (!this.clean || this.terms.will) {
			this.promises.send(packet, sent);
			return;
		}
		this.connection.out.write(packet);
		sent?.();
	}

	/** PUBACK or PUBREC, once the store has kept what it is about. @param reason of a refusal, told where it is wanted */
	answer(first: number, packetId: number, code: number, reason: string): void {
		const isTold = this.#v5 && code !== 0 && this.terms.wantsReasons;
		const long = isTold ? encodeAnswer(first, packetId, true, code, { reasonString: reason }) : undefined;
		// [MQTT-3.4.2-2] [MQTT-3.5.2-2]
		const fits = long !== undefined && long.length <= this.terms.maximumPacketSize;
		this.promises.send(fits ? long : encodeAnswer(first, packetId, this.#v5, code));
	}

	#publish(
		{ topic, payload, qos, retain }: { topic: string; payload: Buffer; qos: QoS; retain: boolean },
		packetId: number,
		dup: boolean,
		properties: PropertyValues | undefined,
	): Buffer {
		// One with QoS 2 may be held back, and others would overtake what it says of an alias.
		const alias = qos < 2 ? this.#aliases?.of(topic) : undefined;
		if (!alias) return encodePublish({ topic, payload, qos, retain, dup, packetId, properties }, this.#v5);
		const packet = {
			topic: alias.isKnown ? "" : topic,
			payload,
			qos,
			retain,
			dup,
			packetId,
			properties: { ...properties, topicAlias: alias.number },
		};
		const bytes = encodePublish(packet, true);
		if (bytes.length <= this.terms.maximumPacketSize) return bytes;
		// It may fit without; and an alias that is not heard of must not be used.
		if (!alias.isKnown) this.#aliases?.forget(topic);
		return encodePublish({ topic, payload, qos, retain, dup, packetId, properties }, true);
	}

	#promisesFreed(): void {
		if (this.#isHeld && !this.promises.full) {
			this.#isHeld = false;
			this.connection.release();
		}
	}

	/** So many answers wait that the client has to wait, too. */
	holdIfFull(): void {
		if (this.#isHeld || !this.promises.full) return;
		this.#isHeld = true;
		this.connection.hold();
	}
}

function withIdentifier(publication: Publication, identifier: number | undefined): PropertyValues | undefined {
	const { properties } = publication.message;
	return identifier === undefined ? properties : { ...properties, subscriptionIdentifier: identifier };
}
