/** What comes from the other broker: published here, and acknowledged when this broker has it. */

import type { IPublishPacket } from "mqtt-packet";
import type { FlowbrokerError } from "../errors";
import { type Message, messageProperties } from "../message";
import type { Store } from "../store/store";
import type { Way } from "./outgoing";

export interface IncomingEvents {
	/**
	 * @param done called once, when the broker has the message, or why it does not take it
	 * @param taken called before, when what the store has of the message can still be added to
	 */
	publish(message: Message, done: (error?: FlowbrokerError) => void, taken: () => void): void;
	/** This broker can't take messages now: the other one has to send it again later. */
	failed(error: FlowbrokerError): void;
	/** More comes than this broker can take, or that is over. */
	crowded(isCrowded: boolean): void;
}

/** Messages that may be on their way into this broker before the other one has to wait. */
const MOST_AT_ONCE = 500;
const LAST_PACKET_ID = 65_535;

export class Incoming {
	readonly #store: Store;
	readonly #session: string;
	readonly #events: IncomingEvents;
	/** QoS 2: being published. */
	readonly #underWay = new Set<number>();
	#count = 0;
	/** Counts the sessions at the other broker: packet ids belong to one of them. */
	#sessions = 0;
	#way: Way | undefined;

	constructor(store: Store, session: string, events: IncomingEvents) {
		this.#store = store;
		this.#session = session;
		this.#events = events;
	}

	/** @param resumed the other broker has kept its part of what was under way */
	attach(way: Way, resumed: boolean): void {
		this.#way = way;
		if (resumed) return;
		this.#sessions++;
		this.#underWay.clear();
		for (let packetId = 1; packetId <= LAST_PACKET_ID; packetId++) this.#store.release(this.#session, packetId);
	}

	detach(): void {
		this.#way = undefined;
	}

	received(packet: IPublishPacket): void {
		const { qos, messageId: packetId = 0 } = packet;
		if (qos === 2) {
			// Sent again: it was published, or still is. [MQTT-4.3.3-10]
			if (this.#underWay.has(packetId)) return;
			if (this.#store.hasReceived(this.#session, packetId)) {
				this.#way?.send({ cmd: "pubrec", messageId: packetId });
				return;
			}
			this.#underWay.add(packetId);
		}
		this.#changeCount(1);
		const way = this.#way;
		const session = this.#sessions;
		const isOfThisSession = () => session === this.#sessions;
		const done = (error?: FlowbrokerError) => {
			this.#changeCount(-1);
			if (!isOfThisSession()) return;
			this.#underWay.delete(packetId);
			if (error && isTemporary(error)) this.#events.failed(error);
			else this.#acknowledge(qos, packetId, way);
		};
		// Message and mark go to the disk together: a process that is killed has left both, or neither.
		const taken = () => {
			if (qos === 2 && isOfThisSession()) this.#store.receive(this.#session, packetId, LAST_PACKET_ID);
		};
		this.#events.publish(messageOf(packet), done, taken);
	}

	/** Acknowledged, and that is all. */
	swallow({ qos, messageId: packetId = 0 }: IPublishPacket): void {
		this.#acknowledge(qos, packetId, this.#way);
	}

	/** PUBREL. */
	released(packetId: number): void {
		const known = this.#store.release(this.#session, packetId);
		this.#way?.send({ cmd: "pubcomp", messageId: packetId, ...(!known && { reasonCode: 0x92 }) });
	}

	/** @param way by which the message came */
	#acknowledge(qos: number, packetId: number, way: Way | undefined): void {
		if (qos === 2) {
			// One that went nowhere has no mark yet.
			if (!this.#store.hasReceived(this.#session, packetId)) {
				this.#store.receive(this.#session, packetId, LAST_PACKET_ID);
			}
			this.#way?.send({ cmd: "pubrec", messageId: packetId });
		} else if (qos === 1 && way === this.#way) {
			// By another connection it is sent, and published, again.
			way?.send({ cmd: "puback", messageId: packetId });
		}
	}

	#changeCount(change: 1 | -1): void {
		this.#count += change;
		if (this.#count === MOST_AT_ONCE && change === 1) this.#events.crowded(true);
		if (this.#count === MOST_AT_ONCE / 2 && change === -1) this.#events.crowded(false);
	}
}

/** What is refused for good is acknowledged: it would come again and again. */
export function isTemporary({ code }: FlowbrokerError): boolean {
	return code === "BROKER_STOPPED" || code === "STORE_BUSY" || code === "ENGINE_FAULT";
}

function messageOf({ topic, payload, qos, retain, properties }: IPublishPacket): Message {
	// A Buffer of its own for each message, also for an empty one: it tells one message from another.
	const bytes = typeof payload === "string" || payload.length === 0 ? Buffer.from(payload) : payload;
	const own = messageProperties(properties);
	return { topic, payload: bytes, qos, retain, ...(own && { properties: own }) };
}
