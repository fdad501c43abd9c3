/** Makes one of our stores the persistence of aedes: translates between aedes's packets and the store's messages. */

import { type Duplex, Readable } from "node:stream";
import type { MessageProperties, QoS } from "../../message";
import type { QueuedMessage, QueueTarget, Store, StoredMessage, StoredSubscription } from "../../store/store";
import type { WireProblem } from "../../wire";
import { AedesClient } from "./aedes-client";
import type { DeliveryLine } from "./delivery-line";

/** aedes's packet, as far as it is read and written here. */
export interface Packet {
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

export interface Subscription {
	topic: string;
	qos: QoS;
	rh?: number;
	rap?: boolean;
	nl?: boolean;
	subscriptionIdentifier?: number;
}

/** aedes's client; where it needs no more, an object with its id alone. */
export interface Owner {
	readonly id: string;
	readonly conn?: Duplex;
}

type WillProperties = MessageProperties & { readonly willDelayInterval?: number };

export type Target = QueueTarget & { readonly topic: string };

/** Stands for the subscriptions of a session that has none, so that aedes resumes it all the same. */
export const EMPTY_SESSION = "$flowbroker/empty-session";

/** Stands for the filter `__proto__`, with which aedes can't restore a session. */
export const PROTO_FILTER = "$flowbroker/proto";

/** The highest packet identifier. [MQTT-2.2.1] */
const LAST_PACKET_ID = 65_535;

const TOO_MANY_UNRELEASED: WireProblem = {
	reasonCode: 0x93,
	text: "sent more QoS 2 messages without releasing them than the receive maximum that it was told [MQTT-3.3.4-9]",
};

export class AedesPersistence {
	readonly #store: Store;
	readonly #unreleased: number;
	#retainedFor: AedesClient | undefined;
	/** Whose wills are kept. */
	readonly #willOwners = new Map<string, AedesClient>();

	/** @param unreleased QoS 2 messages that an MQTT 5 client may have sent without releasing them */
	constructor(store: Store, unreleased: number) {
		this.#store = store;
		this.#unreleased = unreleased;
	}

	/** Right before aedes asks for the retained messages of a subscription: whose it is. */
	retainedFor(client: AedesClient): void {
		this.#retainedFor = client;
	}

	async setup(): Promise<void> {}

	async storeRetained(packet: Packet): Promise<void> {
		this.#store.retain(own(messageOf(packet)));
	}

	createRetainedStreamCombi(filters: string[]): Readable {
		const client = this.#retainedFor;
		this.#retainedFor = undefined;
		const list = () => this.#store.retained(filters);
		return packets(client?.stream.deliveries, list, (message) => ({ cmd: "publish", ...packetOf(message) }));
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
			topic: filter === "__proto__" ? PROTO_FILTER : filter,
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
		if (targets.length === 0) return;
		const message = own(messageOf(packet));
		for (const target of targets) {
			if (target.noLocal && packet.clientId === target.clientId) continue;
			this.#store.enqueue(target.clientId, {
				key: keyOf(packet),
				message: queuedOf(message, target),
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

	/** aedes also clears the queue of a client that has left: it went with the session, and may be a new one by now. */
	outgoingStream(owner: Owner): Readable {
		const client = clientOf(owner);
		if (!client || client.stream.destroyed) return Readable.from([]);
		const list = () => this.#store.queue(owner.id).map((entry) => ({ entry, packetId: entry.packetId }));
		// One that has got another packet identifier since was published a moment ago, and has gone out as such.
		return packets(client.stream.deliveries, list, ({ entry, packetId }) =>
			entry.packetId === packetId ? sentAgain(entry) : undefined,
		);
	}

	async incomingStorePacket(owner: Owner, packet: Packet): Promise<void> {
		if (this.#store.receive(owner.id, packet.messageId as number, this.mostUnreleased(owner))) return;
		throw this.tooManyUnreleased(owner);
	}

	async incomingGetPacket({ id }: Owner, packet: Packet): Promise<Packet> {
		if (this.#store.hasReceived(id, packet.messageId as number)) return packet;
		throw new Error("no such packet");
	}

	/** Was the message here before? */
	hasReceived({ id }: Owner, packetId: number): boolean {
		return this.#store.hasReceived(id, packetId);
	}

	async incomingDelPacket({ id }: Owner, packet: Packet): Promise<void> {
		this.#store.release(id, packet.messageId as number);
	}

	/** aedes keeps wills with the connection; what is stored here is published by the broker that starts next. */
	async putWill(owner: Owner, { topic, payload, qos, retain, properties }: Packet): Promise<void> {
		const client = clientOf(owner);
		if (!client?.access.mayPublish(topic).allow) return;
		const { willDelayInterval: delay = 0, ...others } = (properties ?? {}) as WillProperties;
		const message = own({ topic, payload: Buffer.from(payload), qos, retain });
		this.#willOwners.set(owner.id, client);
		this.#store.keepWill(owner.id, {
			...message,
			...(properties && { properties: others }),
			delay,
			user: client.access.user,
		});
	}

	async getWill(): Promise<undefined> {}

	/** Also told late, of an earlier connection: the will of one that is alive stays. */
	async delWill({ id, conn }: Owner): Promise<undefined> {
		const owner = this.#willOwners.get(id);
		if (owner && !owner.stream.destroyed && owner.stream !== conn) return;
		this.#willOwners.delete(id);
		this.#store.dropWill(id);
	}

	streamWill(): Readable {
		return Readable.from([]);
	}

	async destroy(): Promise<void> {}

	protected mostUnreleased(owner: Owner): number {
		return clientOf(owner)?.protocolVersion === 5 ? this.#unreleased : LAST_PACKET_ID;
	}

	/** Ends the connection. */
	protected tooManyUnreleased(owner: Owner): Error {
		clientOf(owner)?.stream.refuse(TOO_MANY_UNRELEASED);
		return new Error(TOO_MANY_UNRELEASED.text);
	}

	/** @throws when the client has acknowledged none of as many messages as there are packet identifiers */
	#freePacketId(clientId: string, wanted: number, key: string): number {
		let packetId = wanted;
		for (let tried = 0; tried < LAST_PACKET_ID; tried++) {
			if (this.#store.mayUse(clientId, packetId, key)) return packetId;
			packetId = packetId >= LAST_PACKET_ID ? 1 : packetId + 1;
		}
		throw new Error("acknowledges nothing: all packet identifiers are in use");
	}
}

export function clientOf({ conn }: Owner): AedesClient | undefined {
	return conn && AedesClient.of({ conn });
}

/** @param line of the client that gets them; without one they come at once */
function packets<T>(
	line: DeliveryLine | undefined,
	list: () => readonly T[],
	packet: (item: T) => object | undefined,
): Readable {
	const items = line ? line.deliver(list) : list();
	return Readable.from(mapped(items, packet));
}

async function* mapped<T>(
	items: Iterable<T> | AsyncIterable<T>,
	packet: (item: T) => object | undefined,
): AsyncGenerator<object> {
	for await (const item of items) {
		const made = packet(item);
		if (made) yield made;
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

/** Bytes that lie in a larger piece of memory keep all of it from being freed: what is kept gets its own. */
function own(message: StoredMessage): StoredMessage {
	const { payload, properties } = message;
	message.payload = ownBytes(payload);
	const correlationData = properties?.correlationData;
	if (correlationData) message.properties = { ...properties, correlationData: ownBytes(correlationData) };
	return message;
}

function ownBytes(bytes: Buffer): Buffer {
	if (bytes.length === bytes.buffer.byteLength) return bytes;
	const copy = Buffer.allocUnsafeSlow(bytes.length);
	bytes.copy(copy);
	return copy;
}

/** What the session is to get: with its QoS, the retain flag as it asked, and its subscription identifier. */
function queuedOf(published: StoredMessage, { qos, retainAsPublished, identifier }: QueueTarget): StoredMessage {
	const message = { ...published, retain: published.retain && retainAsPublished };
	message.qos = Math.min(message.qos, qos) as QoS;
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
		// PUBREL has no such flag, and mqtt-packet fails over one that has.
		dup: packetId !== undefined && !released,
		...(packetId !== undefined && { messageId: packetId }),
	} as Packet;
}

export function storedOf({ topic, qos, rh, rap, nl, subscriptionIdentifier }: Subscription): StoredSubscription {
	return {
		filter: topic,
		qos,
		noLocal: nl ?? false,
		retainAsPublished: rap ?? false,
		retainHandling: (rh ?? 0) as 0 | 1 | 2,
		...(subscriptionIdentifier !== undefined && { identifier: subscriptionIdentifier }),
	};
}
