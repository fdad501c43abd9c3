/** Makes one of our stores the persistence of aedes: translates between aedes's packets and the store's messages. */

import { Readable } from "node:stream";
import type { MessageProperties, QoS } from "../message";
import type { QueuedMessage, QueueTarget, Store, StoredMessage, StoredSubscription } from "../store/store";

/** aedes's packet, as far as it is read and written here. */
interface Packet {
	cmd: string;
	brokerId: string;
	brokerCounter: number;
	topic: string;
	payload: Buffer;
	qos: QoS;
	retain: boolean;
	dup?: boolean;
	messageId?: number;
	clientId?: string;
	properties?: (MessageProperties & { subscriptionIdentifier?: number }) | undefined;
	/** Milliseconds since 1970. */
	messageExpiry?: number;
}

interface Subscription {
	topic: string;
	qos: QoS;
	rh?: number;
	rap?: boolean;
	nl?: boolean;
	subscriptionIdentifier?: number;
}

interface Owner {
	readonly id: string;
}

type Target = QueueTarget & { readonly topic: string };

/** Stands for the subscriptions of a session that has none, so that aedes resumes it all the same. */
export const EMPTY_SESSION = "$flowbroker/empty-session";

/** The highest packet identifier. [MQTT-2.2.1] */
const LAST_PACKET_ID = 65_535;

export class AedesPersistence {
	readonly #store: Store;

	constructor(store: Store) {
		this.#store = store;
	}

	async setup(): Promise<void> {}

	async storeRetained(packet: Packet): Promise<void> {
		this.#store.retain(messageOf(packet));
	}

	createRetainedStreamCombi(filters: string[]): Readable {
		return Readable.from(this.#store.retained(filters).map((message) => ({ cmd: "publish", ...packetOf(message) })));
	}

	async addSubscriptions({ id }: Owner, subscriptions: Subscription[]): Promise<void> {
		this.#store.subscribe(id, subscriptions.map(storedOf));
	}

	async removeSubscriptions({ id }: Owner, filters: string[]): Promise<void> {
		this.#store.unsubscribe(id, filters);
	}

	async subscriptionsByClient({ id }: Owner): Promise<Subscription[]> {
		const stored = this.#store.subscriptions(id);
		if (stored.length === 0 && this.#store.hasSession(id)) return [{ topic: EMPTY_SESSION, qos: 0 }];
		return stored.map(({ filter, qos, noLocal, retainAsPublished, retainHandling, identifier }) => ({
			topic: filter,
			qos,
			nl: noLocal,
			rap: retainAsPublished,
			rh: retainHandling,
			...(identifier !== undefined && { subscriptionIdentifier: identifier }),
		}));
	}

	/** aedes asks only for what to queue. */
	async subscriptionsByTopic(topic: string): Promise<Target[]> {
		return this.#store.targets(topic).map((target) => ({ ...target, topic }));
	}

	async cleanSubscriptions({ id }: Owner): Promise<void> {
		this.#store.dropSession(id);
	}

	async outgoingEnqueueCombi(targets: Target[], packet: Packet): Promise<void> {
		for (const target of targets) {
			if (target.noLocal && packet.clientId === target.clientId) continue;
			this.#store.enqueue(target.clientId, {
				key: keyOf(packet),
				message: queuedOf(packet, target),
				packetId: undefined,
				released: false,
			});
		}
	}

	/** A message or its PUBREL is about to be written. */
	async outgoingUpdate({ id }: Owner, packet: Packet): Promise<void> {
		const packetId = packet.messageId as number;
		if (packet.cmd === "pubrel") {
			this.#store.released(id, packetId);
			return;
		}
		// aedes counts from a random number, which may be that of a message from an earlier connection.
		packet.messageId = this.#freePacketId(id, packetId, keyOf(packet));
		this.#store.sent(id, keyOf(packet), packet.messageId);
	}

	async outgoingClearMessageId({ id }: Owner, packet: Packet): Promise<Packet | undefined> {
		const entry = this.#store.acknowledged(id, packet.messageId as number);
		return entry && sentAgain(entry);
	}

	outgoingStream({ id }: Owner): Readable {
		return Readable.from(this.#store.queue(id).map(sentAgain));
	}

	async incomingStorePacket({ id }: Owner, packet: Packet): Promise<void> {
		if (this.#store.receive(id, packet.messageId as number)) return;
		throw new Error("sent too many QoS 2 messages without releasing them");
	}

	async incomingGetPacket({ id }: Owner, packet: Packet): Promise<Packet> {
		if (this.#store.hasReceived(id, packet.messageId as number)) return packet;
		throw new Error("no such packet");
	}

	async incomingDelPacket({ id }: Owner, packet: Packet): Promise<void> {
		this.#store.release(id, packet.messageId as number);
	}

	// aedes keeps wills with the connection; what is stored here serves clusters of several processes.
	async putWill(): Promise<void> {}

	async getWill(): Promise<undefined> {}

	async delWill(): Promise<undefined> {}

	streamWill(): Readable {
		return Readable.from([]);
	}

	async destroy(): Promise<void> {}

	#freePacketId(clientId: string, wanted: number, key: string): number {
		let packetId = wanted;
		while (!this.#store.mayUse(clientId, packetId, key)) packetId = packetId >= LAST_PACKET_ID ? 1 : packetId + 1;
		return packetId;
	}
}

/** Names a publication: aedes numbers them, anew in each process. */
function keyOf({ brokerId, brokerCounter }: Packet): string {
	return `${brokerId}:${brokerCounter}`;
}

function messageOf({ topic, payload, qos, retain, properties, messageExpiry }: Packet): StoredMessage {
	const message: StoredMessage = { topic, payload, qos, retain };
	if (properties) message.properties = properties;
	if (messageExpiry !== undefined) message.expiresAt = messageExpiry;
	return message;
}

/** What the session is to get: with its QoS, the retain flag as it asked, and its subscription identifier. */
function queuedOf(packet: Packet, { qos, retainAsPublished, identifier }: QueueTarget): StoredMessage {
	const message = messageOf(packet);
	message.qos = Math.min(message.qos, qos) as QoS;
	message.retain = message.retain && retainAsPublished;
	if (identifier !== undefined) {
		message.properties = { ...message.properties, subscriptionIdentifier: identifier } as MessageProperties;
	}
	return message;
}

function packetOf({ topic, payload, qos, retain, properties, expiresAt }: StoredMessage): Partial<Packet> {
	return {
		topic,
		payload,
		qos,
		retain,
		...(properties && { properties }),
		...(expiresAt !== undefined && { messageExpiry: expiresAt }),
	};
}

function sentAgain({ key, message, packetId, released }: QueuedMessage): Packet {
	const at = key.lastIndexOf(":");
	return {
		...packetOf(message),
		cmd: released ? "pubrel" : "publish",
		brokerId: key.slice(0, at),
		brokerCounter: Number(key.slice(at + 1)),
		dup: packetId !== undefined,
		...(packetId !== undefined && { messageId: packetId }),
	} as Packet;
}

function storedOf({ topic, qos, rh, rap, nl, subscriptionIdentifier }: Subscription): StoredSubscription {
	return {
		filter: topic,
		qos,
		noLocal: nl ?? false,
		retainAsPublished: rap ?? false,
		retainHandling: (rh ?? 0) as 0 | 1 | 2,
		...(subscriptionIdentifier !== undefined && { identifier: subscriptionIdentifier }),
	};
}
