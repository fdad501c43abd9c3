/** Makes Redis the persistence of aedes: what every process knows is answered from memory, queues are in Redis. */

import { Readable } from "node:stream";
import type { AedesClient } from "../engine/aedes/aedes-client";
import {
	AedesPersistence,
	clientOf,
	type Owner,
	type Packet,
	type Subscription,
	storedOf,
	type Target,
} from "../engine/aedes/aedes-persistence";
import type { Publication } from "../engine/aedes/shared-backends";
import type { Message, MessageProperties, QoS } from "../message";
import { isOfBroker, size } from "../store/retained-tree";
import type { StoreEvents, StoreLimits } from "../store/store";
import { entryOf, entryText } from "./changes";
import { Flight } from "./flight";
import { PublishLine } from "./publish-line";
import type { RedisLink } from "./redis-link";
import type { RedisStore } from "./redis-store";
import { decodeMessage, encodeMessage, type SharedMessage } from "./shared-message";
import type { SharedWills } from "./shared-wills";

/** Stands where aedes has the process that published: messages are numbered by Redis, for all processes. */
const NUMBERED = "redis";
/** Messages of a queue that are asked for at once. */
const CHUNK = 64;
/** In place of a limit where there is none. */
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

export class RedisPersistence extends AedesPersistence {
	readonly #link: RedisLink;
	readonly #mirror: RedisStore;
	readonly #limits: StoreLimits;
	readonly #events: StoreEvents;
	readonly #wills: SharedWills;
	readonly #line = new PublishLine();
	readonly #flights = new WeakMap<object, Flight>();
	/** Who published with which packet identifier, by the payload: aedes hands on nothing else of the packet. */
	readonly #arrived = new WeakMap<Buffer, { readonly id: string; readonly packetId: number }>();

	constructor(
		link: RedisLink,
		mirror: RedisStore,
		limits: StoreLimits & { readonly unreleased: number },
		events: StoreEvents,
		wills: SharedWills,
	) {
		super(mirror, limits.unreleased);
		this.#link = link;
		this.#mirror = mirror;
		this.#limits = limits;
		this.#events = events;
		this.#wills = wills;
	}

	/** With the publication, in one step. */
	override async storeRetained(): Promise<void> {}

	override async addSubscriptions({ id }: Owner, subscriptions: Subscription[]): Promise<void> {
		const words = subscriptions.map(storedOf).flatMap((one) => [one.filter, JSON.stringify(one)]);
		await this.#link.change("subscribe", id, ...words);
	}

	override async removeSubscriptions({ id }: Owner, filters: string[]): Promise<void> {
		await this.#link.change("unsubscribe", id, ...filters);
	}

	override async subscriptionsByClient(owner: Owner): Promise<Subscription[]> {
		await this.#link.fence();
		return super.subscriptionsByClient(owner);
	}

	override async cleanSubscriptions({ id }: Owner): Promise<void> {
		await this.#link.change("drop", id, this.#link.process);
	}

	/** With QoS 1 and 2: into the queues, to all who are connected, and with what is retained, in one step. */
	override async outgoingEnqueueCombi(_targets: Target[], packet: Packet): Promise<void> {
		const message = this.#sharedOf(packet);
		const bytes = encodeMessage(message);
		const arrived = packet.qos === 2 ? this.#arrived.get(packet.payload) : undefined;
		await this.#line.go(
			() => this.#mirror.subscriptionsChanged,
			async () => {
				for (;;) {
					const known = this.#mirror.subscriptionsChanged;
					const targets = this.#targets(message);
					const answer = await this.#publish(message, bytes, known, arrived, targets);
					const [number = 0, ...others] = answer;
					if (Number(number) === -1) await this.#link.heard(Number(others[0]));
					else {
						for (const id of others) this.#events.queueFull(String(id), message, "session");
						// Whoever asks for it here, in the same process, finds it.
						if (message.retain) await this.#link.heard(Number(number));
						return;
					}
				}
			},
		);
	}

	/** A message with QoS 0. */
	async publish(packet: Publication): Promise<void> {
		const message = this.#sharedOf(packet as Packet);
		const [number] = await this.#publish(message, encodeMessage(message), NO_LIMIT, undefined, []);
		if (message.retain) await this.#link.heard(Number(number));
	}

	/** A message or its PUBREL is about to be written. */
	override async outgoingUpdate(owner: Owner, packet: Packet): Promise<void> {
		const flight = this.#flightOf(owner);
		if (packet.cmd === "pubrel") await this.#updateReleased(owner, flight, packet.messageId as number);
		else await this.#updateSent(owner, flight, packet);
		// What aedes has written of the queue; a PUBREL of its own has no number.
		if (flight.catchingUp && packet.brokerCounter !== undefined) setImmediate(() => flight.handedOver());
	}

	override async outgoingClearMessageId(owner: Owner, packet: Packet): Promise<undefined> {
		const flight = this.#flightOf(owner);
		// Without a packet identifier: one that aedes does not deliver, perhaps as the queue will.
		const message = packet.messageId === undefined ? undefined : flight.message(packet.messageId);
		if (message === undefined) return;
		flight.acknowledged(message);
		await this.#link.run("acknowledge", owner.id, message);
	}

	override outgoingStream(owner: Owner): Readable {
		const client = clientOf(owner);
		if (!client || client.clean || client.stream.destroyed) return Readable.from([]);
		return Readable.from(this.#queue(client, this.#flightOf(owner)));
	}

	override async incomingStorePacket(owner: Owner, packet: Packet): Promise<void> {
		const { received } = this.#flightOf(owner);
		const packetId = packet.messageId as number;
		if (received.size >= this.mostUnreleased(owner)) throw this.tooManyUnreleased(owner);
		received.add(packetId);
		this.#arrived.set(packet.payload, { id: owner.id, packetId });
	}

	override async incomingGetPacket(owner: Owner, packet: Packet): Promise<Packet> {
		if (this.hasReceived(owner, packet.messageId as number)) return packet;
		throw new Error("no such packet");
	}

	override async incomingDelPacket(owner: Owner, packet: Packet): Promise<void> {
		const packetId = packet.messageId as number;
		await this.#link.run("release", owner.id, packetId);
		this.#flightOf(owner).received.delete(packetId);
	}

	override hasReceived(owner: Owner, packetId: number): boolean {
		return this.#flightOf(owner).received.has(packetId);
	}

	override async putWill(owner: Owner, packet: Packet): Promise<void> {
		const client = clientOf(owner);
		if (client?.access.mayPublish(packet.topic).allow) await this.#wills.put(client, this.#sharedOf(packet));
	}

	override async delWill(owner: Owner): Promise<undefined> {
		await this.#wills.delete(owner);
	}

	/** Is the message left to the queue, which is on its way to the client? */
	leavesToQueue(client: AedesClient, packet: Packet): boolean {
		if (packet.qos === 0 || packet.messageId !== undefined || packet.brokerId !== NUMBERED) return false;
		const flight = this.#flightOf({ id: client.id, conn: client.stream });
		if (!flight.catchingUp || client.clean) return false;
		if (!this.#mirror.targets(packet.topic).some(({ clientId }) => clientId === client.id)) return false;
		flight.leftToQueue = Math.max(flight.leftToQueue, packet.brokerCounter);
		return true;
	}

	async #updateReleased({ id }: Owner, flight: Flight, packetId: number): Promise<void> {
		const message = flight.message(packetId);
		if (message === undefined) return;
		flight.release(message);
		await this.#link.run("sent", id, message, `${packetId}r`);
	}

	async #updateSent({ id }: Owner, flight: Flight, packet: Packet): Promise<void> {
		const message = packet.brokerCounter;
		const before = flight.packetId(message);
		packet.messageId = before ?? flight.send(message, packet.messageId as number);
		if (before === undefined) await this.#link.run("sent", id, message, packet.messageId);
	}

	#flightOf({ conn }: Owner): Flight {
		if (!conn) throw new Error("a connection is needed");
		const flight = this.#flights.get(conn) ?? new Flight();
		this.#flights.set(conn, flight);
		return flight;
	}

	/** The queue as fast as the client reads. */
	async *#queue(client: AedesClient, flight: Flight): AsyncGenerator<object> {
		const done = client.stream.deliveries.begin();
		try {
			yield* this.#waiting(client, flight);
		} finally {
			done();
		}
	}

	/** The queue in order, until there is nothing left that does not come by itself. */
	async *#waiting(client: AedesClient, flight: Flight): AsyncGenerator<object> {
		flight.load((await this.#link.run("flight", client.id)) as [Buffer[], Buffer[]]);
		let after = 0;
		while (!client.stream.destroyed) {
			const answer = (await this.#link.run("waiting", client.id, after, CHUNK)) as [number, ...Buffer[]];
			const [last, ...parts] = answer;
			for (let at = 0; at < parts.length; at += 3) {
				after = Number(parts[at]);
				if (client.stream.destroyed) return;
				flight.read();
				yield queuedPacket(after, entryOf(String(parts[at + 1])), parts[at + 2] as Buffer, flight);
			}
			if (parts.length === 3 * CHUNK) continue;
			// aedes takes more than it writes.
			await flight.allHandedOver();
			await this.#link.heard(last);
			if (flight.leftToQueue > last) continue;
			flight.catchingUp = false;
			return;
		}
	}

	#sharedOf({ topic, payload, qos, retain, properties, clientId, messageExpiry }: Packet): SharedMessage {
		return {
			topic,
			payload,
			qos: qos ?? 0,
			retain: retain ?? false,
			process: this.#link.process,
			...(properties && { properties }),
			...(clientId !== undefined && { clientId }),
			...(messageExpiry !== undefined && { expiresAt: messageExpiry }),
		};
	}

	/** For each session that gets the message: client id, size, and how. */
	#targets(message: SharedMessage): (string | number)[] {
		const words: (string | number)[] = [];
		for (const { clientId, qos, noLocal, retainAsPublished, identifier } of this.#mirror.targets(message.topic)) {
			if (noLocal && message.clientId === clientId) continue;
			const bytes = size(message);
			const entry = entryText({
				size: bytes,
				expiresAt: message.expiresAt ?? 0,
				qos: Math.min(message.qos, qos) as QoS,
				retain: message.retain && retainAsPublished,
				identifier,
			});
			words.push(clientId, bytes, entry);
		}
		return words;
	}

	async #publish(
		message: Message,
		bytes: Buffer,
		known: number,
		arrived: { readonly id: string; readonly packetId: number } | undefined,
		targets: readonly (string | number)[],
	): Promise<(number | Buffer)[]> {
		const { queuedMessages, queuedBytes, queueDrops, retainedMessages } = this.#limits;
		const { topic, retain, payload } = message;
		const kept = retain ? (payload.length === 0 ? "clear" : "keep") : "";
		const by = arrived ? [arrived.id, arrived.packetId] : ["", ""];
		const bounds = [queuedMessages, queuedBytes, queueDrops, isOfBroker(topic) ? NO_LIMIT : retainedMessages];
		const words = [bytes, topic, kept, known, ...by, Date.now(), ...bounds, ...targets];
		return (await this.#link.run("publish", ...words)) as (number | Buffer)[];
	}
}

/** A message as it was heard, for aedes. */
export function heardPacket(number: number, { process, expiresAt, ...message }: SharedMessage): Packet {
	return {
		...message,
		cmd: "publish",
		brokerId: NUMBERED,
		brokerCounter: number,
		...(expiresAt !== undefined && { messageExpiry: expiresAt }),
	};
}

function queuedPacket(number: number, entry: ReturnType<typeof entryOf>, bytes: Buffer, flight: Flight): Packet {
	const { qos, retain, identifier } = entry;
	const packet = heardPacket(number, decodeMessage(bytes));
	const packetId = flight.packetId(number);
	const isReleased = flight.isReleased(number);
	if (identifier !== undefined) {
		packet.properties = { ...packet.properties, subscriptionIdentifier: identifier } as MessageProperties;
	}
	return {
		...packet,
		cmd: isReleased ? "pubrel" : "publish",
		qos,
		retain,
		// PUBREL has no such flag, and mqtt-packet fails over one that has.
		dup: packetId !== undefined && !isReleased,
		...(packetId !== undefined && { messageId: packetId }),
	};
}
