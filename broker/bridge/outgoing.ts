/** What goes to the other broker: waits in a store, leaves in order, and is sent again until it is acknowledged. */

import { randomUUID } from "node:crypto";
import type { Packet } from "mqtt-packet";
import type { Message } from "../message";
import { withTimeLeft } from "../store/expiry";
import type { QueuedMessage, Store, StoredMessage } from "../store/store";

/** Where packets go while there is a connection. */
export interface Way {
	/** Sends when the store has all that was changed so far. */
	send(packet: Packet): void;
	/** What can wait had better wait. */
	readonly isBusy: boolean;
	/** How many messages with QoS 1 and 2 may be under way. */
	readonly window: number;
	/** The message as the other broker takes it; or why it takes it in no way, in words for a person. */
	fit(message: Message): Message | string;
}

export interface OutgoingEvents {
	/** A message will not be sent. @param reason completes "The message was given up: ..." */
	dropped(message: Message, reason: string): void;
}

export class Outgoing {
	readonly #store: Store;
	readonly #session: string;
	readonly #events: OutgoingEvents;
	/** Unique among all processes that use the store one after the other. */
	readonly #keys = randomUUID();
	#count = 0;
	#packetId = 0;
	readonly #reserved = new Set<number>();
	#way: Way | undefined;
	/** Sent with QoS 1 or 2, and not acknowledged. */
	#underWay = 0;
	/** Retained messages that the other broker is to get; the queue comes first. */
	#topics = new Set<string>();
	#retained: (topic: string) => Message | undefined = () => undefined;

	constructor(store: Store, session: string, events: OutgoingEvents) {
		this.#store = store;
		this.#session = session;
		this.#events = events;
	}

	/** How many messages wait or lack their acknowledgement. */
	get waiting(): number {
		return this.#store.queueLength(this.#session);
	}

	get isIdle(): boolean {
		return this.waiting === 0 && this.#topics.size === 0;
	}

	/** @param keep may it wait when it can't be sent now? @returns false when it was neither sent nor kept */
	take(message: Message, keep: boolean): boolean {
		if (message.retain) this.#topics.delete(message.topic);
		const way = this.#way;
		if (message.qos === 0 && way && !way.isBusy && this.#isFree()) {
			this.#sendPlain(message, way);
			return true;
		}
		// What is on its way must not be overtaken: a message with QoS 0 waits behind it.
		if (message.qos === 0 && !keep && !way) return false;
		const isKept = this.#enqueue(message);
		this.#pump();
		return isKept;
	}

	/**
	 * There is a connection: what was under way is sent again, then the rest.
	 * @param resumed the other broker has kept its part of what was under way
	 */
	attach(way: Way, resumed: boolean): void {
		this.#way = way;
		this.#underWay = 0;
		for (const entry of this.#store.inFlight(this.#session)) {
			if (resumed) this.#sendAgain(entry, way);
			else if (entry.released) this.#forget(entry);
			else this.#sendEntry(entry, way);
		}
		this.#pump();
	}

	detach(): void {
		this.#way = undefined;
		this.#topics.clear();
		this.#reserved.clear();
	}

	/**
	 * Sends these, as the broker keeps them, when nothing else waits.
	 * @param topics as they are called at the other broker
	 * @param lookup the message of such a topic now
	 */
	sendRetained(topics: Iterable<string>, lookup: (topic: string) => Message | undefined): void {
		this.#topics = new Set(topics);
		this.#retained = lookup;
		this.#pump();
	}

	/** The other broker can take more. */
	resume(): void {
		this.#pump();
	}

	/** PUBACK, PUBREC or PUBCOMP. @returns the message, when the other broker refuses it */
	acknowledged(packet: Packet): Message | undefined {
		const { cmd, messageId: packetId = 0, reasonCode = 0 } = packet as Packet & { reasonCode?: number };
		if (cmd === "pubrec" && reasonCode < 0x80) {
			// Also for one that nobody knows any more: else the other broker asks for ever. [MQTT-3.5.4-1]
			const known = this.#store.released(this.#session, packetId);
			this.#way?.send({ cmd: "pubrel", messageId: packetId, ...(!known && { reasonCode: 0x92 }) });
			return undefined;
		}
		const entry = this.#store.acknowledged(this.#session, packetId);
		if (entry) this.#underWay--;
		this.#pump();
		return entry && reasonCode >= 0x80 ? entry.message : undefined;
	}

	#enqueue(message: Message): boolean {
		const key = `${this.#keys}-${(this.#count++).toString(36)}`;
		return this.#store.enqueue(this.#session, { key, message: stored(message), packetId: undefined, released: false });
	}

	#isFree(): boolean {
		return this.#store.nextUnsent(this.#session) === undefined;
	}

	#pump(): void {
		for (let way = this.#way; way && !way.isBusy; way = this.#way) {
			const entry = this.#store.nextUnsent(this.#session);
			if (entry) {
				if (entry.message.qos > 0 && this.#underWay >= way.window) return;
				this.#sendEntry(entry, way);
			} else if (!this.#queueRetained(way)) return;
		}
	}

	/** Sends what is in the store for the first time. */
	#sendEntry(entry: QueuedMessage, way: Way): void {
		const message = way.fit(withTimeLeft(entry.message, Date.now()));
		if (typeof message === "string" || message.qos === 0) {
			this.#store.discard(this.#session, entry.key);
			if (typeof message === "string") this.#events.dropped(entry.message, message);
			else way.send(publishPacket(message, undefined, false));
			return;
		}
		const packetId = this.reservePacketId(entry.key);
		this.#store.sent(this.#session, entry.key, packetId);
		this.#underWay++;
		way.send(publishPacket(message, packetId, false));
	}

	#sendPlain(message: Message, way: Way): void {
		const fitting = way.fit(message);
		if (typeof fitting === "string") this.#events.dropped(message, fitting);
		else way.send(publishPacket(fitting, undefined, false));
	}

	#sendAgain(entry: QueuedMessage, way: Way): void {
		const { packetId = 0, message, released } = entry;
		const fitting = released ? undefined : way.fit(withTimeLeft(message, Date.now()));
		if (typeof fitting === "string") {
			this.#store.discard(this.#session, entry.key);
			this.#events.dropped(message, fitting);
			return;
		}
		this.#underWay++;
		way.send(fitting ? publishPacket(fitting, packetId, true) : { cmd: "pubrel", messageId: packetId });
	}

	/** The other broker had it, and knows nothing of the rest. */
	#forget({ packetId }: QueuedMessage): void {
		this.#store.acknowledged(this.#session, packetId as number);
	}

	/** @returns false when none is left */
	#queueRetained(way: Way): boolean {
		for (const topic of this.#topics) {
			this.#topics.delete(topic);
			const message = this.#retained(topic);
			if (!message) continue;
			if (message.qos === 0) this.#sendPlain(message, way);
			else this.#enqueue(message);
			return true;
		}
		return false;
	}

	/** @param key of the message that it is for; none for a packet of another kind, soon answered */
	reservePacketId(key = ""): number {
		do this.#packetId = (this.#packetId % 65_535) + 1;
		while (!this.#store.mayUse(this.#session, this.#packetId, key) || this.#reserved.has(this.#packetId));
		if (key === "") this.#reserved.add(this.#packetId);
		return this.#packetId;
	}

	/** @returns false for a packet id that was not reserved for a packet of another kind */
	freePacketId(packetId: number): boolean {
		return this.#reserved.delete(packetId);
	}
}

/** With the moment at which it expires, in place of the seconds. */
function stored(message: Message): StoredMessage {
	const seconds = message.properties?.messageExpiryInterval;
	return seconds === undefined ? message : { ...message, expiresAt: Date.now() + seconds * 1_000 };
}

function publishPacket(
	{ topic, payload, qos, retain, properties }: Message,
	packetId: number | undefined,
	dup: boolean,
) {
	return {
		cmd: "publish" as const,
		topic,
		payload,
		qos,
		retain,
		dup,
		...(packetId !== undefined && { messageId: packetId }),
		...(properties && { properties }),
	};
}
