/**
 * The messages of QoS 1 and 2 of one session. All are in the store until the client has acknowledged them; here is what
 * of them goes to a connected client, in order, no more at once than it allows.
 */

import type { QueuedMessage, Store, StoredMessage } from "../../store/store";
import type { ShareGroup } from "./share-group";

/** [MQTT-2.2.1] */
const LAST_PACKET_ID = 65_535;

/** The connected client, as far as it is needed here. */
export interface Receiver {
	readonly hasRoom: boolean;
	mayReceive(topic: string): boolean;
	/** @returns false for a message that is larger than the client allows */
	sendMessage(entry: QueuedMessage, again: boolean): boolean;
	sendRelease(packetId: number): void;
	/** It does not read, and nothing more can be kept for it. */
	refuseSlow(): void;
}

/** A message that came by a shared subscription and waits in this session. */
export interface SharedMessage {
	readonly group: ShareGroup;
	readonly message: StoredMessage;
}

export class Outflow {
	readonly #id: string;
	readonly #store: Store;
	#receiver: Receiver | undefined;
	/** Messages that may be on their way at once. */
	#window = 0;
	/** Packet identifiers that the client has not acknowledged on this connection. */
	readonly #onTheWay = new Set<number>();
	/** Sent on an earlier connection, to be sent again, the next one last. */
	#again: QueuedMessage[] = [];
	/** Something in the store may be unsent. */
	#hasMore = false;
	#lastId = 0;
	/** By the key of the message. */
	#shared: Map<string, SharedMessage> | undefined;

	constructor(id: string, store: Store) {
		this.#id = id;
		this.#store = store;
	}

	/** The client is here: everything that waits goes out, as far as its window allows. @param window messages */
	start(receiver: Receiver, window: number): void {
		this.#receiver = receiver;
		this.#window = window;
		this.#onTheWay.clear();
		this.#again = this.#store.inFlight(this.#id).reverse();
		this.#hasMore = true;
		this.pump();
	}

	/** The client is gone. */
	stop(): void {
		this.#receiver = undefined;
		this.#again = [];
	}

	/** Could one more go out at once? */
	get hasRoom(): boolean {
		return (
			this.#receiver?.hasRoom === true &&
			!this.#hasMore &&
			this.#again.length === 0 &&
			this.#onTheWay.size < this.#window
		);
	}

	/** @param key unique among the messages of the session */
	add(key: string, message: StoredMessage, group?: ShareGroup): void {
		const receiver = this.hasRoom ? this.#receiver : undefined;
		const packetId = receiver ? this.#freePacketId(key) : undefined;
		const entry: QueuedMessage = { key, message, packetId, released: false };
		const reading = this.#receiver?.hasRoom === true;
		if (!this.#store.enqueue(this.#id, entry, reading)) {
			if (this.#receiver && !reading) this.#receiver.refuseSlow();
			return;
		}
		if (group) this.#share(key, { group, message });
		if (!receiver || packetId === undefined) {
			this.#hasMore = true;
			return;
		}
		if (receiver.sendMessage(entry, false)) this.#onTheWay.add(packetId);
		else this.#discard(key);
	}

	/** PUBACK, PUBCOMP, or a PUBREC that refuses. @returns false for an unknown packet identifier */
	acknowledged(packetId: number): boolean {
		const entry = this.#store.acknowledged(this.#id, packetId);
		if (!entry) return false;
		this.#shared?.delete(entry.key);
		if (this.#onTheWay.delete(packetId)) this.pump();
		return true;
	}

	/** PUBREC. @returns false for an unknown packet identifier */
	released(packetId: number): boolean {
		return this.#store.released(this.#id, packetId);
	}

	/** Sends as many as may go. */
	pump(): void {
		while (this.#receiver?.hasRoom && this.#onTheWay.size < this.#window) {
			const again = this.#again.pop();
			if (again) {
				this.#sendAgain(this.#receiver, again);
				continue;
			}
			const entry = this.#hasMore ? this.#store.nextUnsent(this.#id) : undefined;
			this.#hasMore = entry !== undefined;
			if (!entry) return;
			this.#send(this.#receiver, entry);
		}
	}

	/**
	 * Shared messages that another member of their group may get in its place, taken out of the session: those that are
	 * not half delivered. [MQTT-4.8.2-4] [MQTT-4.8.2-5]
	 * @param all also those that nobody who is connected can get: the session ends
	 */
	takeShared(all: boolean): SharedMessage[] {
		const shared = this.#shared;
		if (!shared) return [];
		const taken: SharedMessage[] = [];
		for (const entry of this.#store.queue(this.#id)) {
			const one = shared.get(entry.key);
			if (!one || (entry.message.qos === 2 && entry.packetId !== undefined)) continue;
			if (!all && !one.group.hasConnected(one.message.topic)) continue;
			this.#discard(entry.key);
			taken.push(one);
		}
		return taken;
	}

	#sendAgain(receiver: Receiver, entry: QueuedMessage): void {
		const packetId = entry.packetId as number;
		if (entry.released) {
			this.#onTheWay.add(packetId);
			receiver.sendRelease(packetId);
		} else if (receiver.mayReceive(entry.message.topic) && receiver.sendMessage(entry, true)) {
			this.#onTheWay.add(packetId);
		} else this.#discard(entry.key);
	}

	#send(receiver: Receiver, entry: QueuedMessage): void {
		const { key, message } = entry;
		const packetId = this.#freePacketId(key);
		if (receiver.mayReceive(message.topic) && this.#store.sent(this.#id, key, packetId)) {
			if (receiver.sendMessage({ ...entry, packetId }, false)) {
				this.#onTheWay.add(packetId);
				return;
			}
		}
		this.#discard(key);
	}

	#discard(key: string): void {
		this.#shared?.delete(key);
		this.#store.discard(this.#id, key);
	}

	#share(key: string, shared: SharedMessage): void {
		this.#shared ??= new Map();
		this.#shared.set(key, shared);
	}

	/** One is free: fewer messages are on their way than there are identifiers, and so few are left from before. */
	#freePacketId(key: string): number {
		for (let tried = 0; tried < LAST_PACKET_ID; tried++) {
			this.#lastId = this.#lastId >= LAST_PACKET_ID ? 1 : this.#lastId + 1;
			if (this.#store.mayUse(this.#id, this.#lastId, key)) return this.#lastId;
		}
		return this.#lastId;
	}
}
