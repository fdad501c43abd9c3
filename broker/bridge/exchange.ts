/** One connection at work in the session of a bridge: subscribes, sends what waits, and answers what comes. */

import {
	generate,
	type IConnackPacket,
	type IPublishPacket,
	type ISubackPacket,
	type ISubscribePacket,
	type Packet,
} from "mqtt-packet";
import type { Message, QoS } from "../message";
import type { Store } from "../store/store";
import { Copies, identifierOf } from "./copies";
import type { EchoMemory } from "./echo-memory";
import { InOrder } from "./in-order";
import type { Incoming } from "./incoming";
import type { Link } from "./link";
import type { Outgoing, Way } from "./outgoing";
import type { Speech } from "./route-choice";
import { keepSubscriptions, wishesOf } from "./subscriptions";
import type { TopicMap } from "./topic-map";

export interface ExchangeOptions {
	readonly session: string;
	readonly speech: Speech;
	readonly attemptUnsubscribe: boolean;
	/** Published retained, at the other broker, when the bridge comes; `0` when it goes. */
	readonly notification: string | undefined;
}

export interface ExchangeEvents {
	/** The other broker has sent what it retains, as far as it sends that at once. */
	caughtUp(): void;
	/** @param why in words that complete a sentence */
	subscriptionRefused(filter: string, why: string): void;
	publishRefused(message: Message, code: number): void;
	/** Something crosses. */
	active(): void;
}

/** What this exchange works with. */
export interface ExchangeParts {
	readonly store: Store;
	readonly map: TopicMap;
	readonly outgoing: Outgoing;
	readonly incoming: Incoming;
	readonly echo: EchoMemory;
}

/** Messages under way, where the other broker does not ask for fewer. */
const WINDOW = 100;
/**
 * Before MQTT 5 it can't ask. Mosquitto takes no more than 20 as it comes (`max_inflight_messages`): of a burst of more
 * with QoS 2, version 2.0.11 answers all and loses some.
 */
const OLD_WINDOW = 20;
/** Bytes of a packet beside topic and payload; with more properties than that it is measured. */
const OVERHEAD = 1_024;
/** Reason code of SUBACK for a filter that it leaves out. */
const UNSPECIFIED = 128;

export class Exchange {
	readonly #link: Link;
	readonly #connack: IConnackPacket;
	readonly #options: ExchangeOptions;
	readonly #parts: ExchangeParts;
	readonly #events: ExchangeEvents;
	readonly #order: InOrder;
	readonly #echo: EchoMemory | undefined;
	readonly #copies: Copies;
	/** The filters of each SUBSCRIBE that is under way, by packet id. */
	readonly #asked = new Map<number, readonly string[]>();
	readonly #refused = new Set<string>();
	#isOver = false;
	/** The answer to this PINGREQ comes behind what the other broker retains. */
	#isCatchingUp = true;

	constructor(
		link: Link,
		connack: IConnackPacket,
		options: ExchangeOptions,
		parts: ExchangeParts,
		events: ExchangeEvents,
	) {
		this.#link = link;
		this.#connack = connack;
		this.#options = options;
		this.#parts = parts;
		this.#events = events;
		this.#order = new InOrder(
			parts.store,
			(packet) => link.send(packet),
			() => parts.outgoing.resume(),
			(isFull) => link.hold("promises", isFull),
		);
		this.#copies = new Copies(this.resumed ? parts.store.subscriptions(options.session) : undefined);
		const { version, bridgeBit } = options.speech;
		this.#echo = version < 5 ? parts.echo : undefined;
		this.#echo?.connected(bridgeBit);
	}

	/** The other broker has kept the session. */
	get resumed(): boolean {
		return this.#connack.sessionPresent;
	}

	open(): void {
		const { incoming, outgoing } = this.#parts;
		const way = this.#way();
		incoming.attach(way, this.resumed);
		this.#subscribe();
		if (this.#options.notification !== undefined) this.#notify("1");
		outgoing.attach(way, this.resumed);
	}

	/** The connection is over, or the store is: what comes now counts as not received. */
	end(): void {
		this.#isOver = true;
		this.#order.end();
		this.#parts.incoming.detach();
		this.#parts.outgoing.detach();
	}

	/** Tells the other broker that the bridge goes on purpose. */
	farewell(): void {
		if (this.#options.notification !== undefined) this.#notify("0");
	}

	received(packet: Packet): void {
		if (this.#isOver) return;
		const { incoming, outgoing } = this.#parts;
		switch (packet.cmd) {
			case "publish":
				this.#published(packet);
				break;
			case "pubrel":
				incoming.released(packet.messageId ?? 0);
				break;
			case "puback":
			case "pubrec":
			case "pubcomp": {
				if (outgoing.freePacketId(packet.messageId ?? 0)) break;
				const refused = outgoing.acknowledged(packet);
				if (refused) this.#events.publishRefused(refused, packet.reasonCode ?? 0);
				break;
			}
			case "suback":
				if (outgoing.freePacketId(packet.messageId ?? 0)) this.#subscribed(packet);
				break;
			case "unsuback":
				outgoing.freePacketId(packet.messageId ?? 0);
				break;
			case "pingresp":
				this.#catchUp();
				break;
		}
	}

	/** There is room in the connection again. */
	resume(): void {
		this.#parts.outgoing.resume();
	}

	#way(): Way {
		const { properties = {} } = this.#connack;
		const link = this.#link;
		const order = this.#order;
		return {
			send: (packet) => {
				if (packet.cmd === "publish") this.#leaves(packet as Packet & Message & { dup: boolean });
				order.send(packet);
			},
			get isBusy() {
				return link.isBusy || order.waiting > WINDOW;
			},
			window: this.#options.speech.version === 5 ? Math.min(properties.receiveMaximum ?? WINDOW, WINDOW) : OLD_WINDOW,
			fit: (message) => this.#fit(message),
		};
	}

	#leaves(message: Message & { dup: boolean }): void {
		this.#events.active();
		if (this.#echo && !message.dup && this.#parts.map.inward(message.topic)) this.#echo.sent(message);
	}

	#published(packet: IPublishPacket): void {
		const { incoming } = this.#parts;
		const { topic, payload, properties } = packet;
		const problem = whyNotPublish(packet);
		if (problem) {
			this.#link.destroy(new Error(problem));
			return;
		}
		this.#events.active();
		const isOwn = this.#echo?.isEcho({ ...packet, payload: Buffer.from(payload) } as Message);
		if (isOwn || this.#copies.isSpare(topic, properties?.subscriptionIdentifier)) incoming.swallow(packet);
		else incoming.received(packet);
	}

	#fit(message: Message): Message | string {
		const { maximumQoS = 2, retainAvailable = true, maximumPacketSize } = this.#connack.properties ?? {};
		const fitting = {
			...message,
			qos: Math.min(message.qos, maximumQoS) as QoS,
			retain: message.retain && retainAvailable,
		};
		if (maximumPacketSize === undefined) return fitting;
		const { topic, payload, properties } = fitting;
		if (!properties && payload.length + topic.length * 3 + OVERHEAD <= maximumPacketSize) return fitting;
		const packet = { ...fitting, cmd: "publish" as const, dup: false, ...(fitting.qos > 0 && { messageId: 1 }) };
		const size = generate(packet, { protocolVersion: this.#options.speech.version }).length;
		if (size <= maximumPacketSize) return fitting;
		return `the other broker takes ${maximumPacketSize} bytes at the most, and the message has ${size}`;
	}

	#notify(payload: "0" | "1"): void {
		const { retainAvailable = true, maximumQoS = 2 } = this.#connack.properties ?? {};
		const qos = Math.min(1, maximumQoS) as QoS;
		const message = { topic: this.#options.notification as string, payload, qos, retain: retainAvailable, dup: false };
		const messageId = qos > 0 ? { messageId: this.#parts.outgoing.reservePacketId() } : {};
		this.#link.send({ cmd: "publish", ...message, ...messageId });
	}

	#subscribe(): void {
		const { store, map, outgoing } = this.#parts;
		const { session, speech, attemptUnsubscribe } = this.#options;
		const leftovers = attemptUnsubscribe ? map.remoteLeftovers : [];
		const kept = store.subscriptions(session);
		const wishes = wishesOf(map.remoteFilters, leftovers, kept, speech.version, this.resumed);
		if (wishes.unsubscribe.length > 0) {
			const messageId = outgoing.reservePacketId();
			this.#link.send({ cmd: "unsubscribe", messageId, unsubscriptions: [...wishes.unsubscribe] });
		}
		if (wishes.subscribe.length === 0) this.#link.send({ cmd: "pingreq" });
		// An identifier is that of a whole packet.
		else if (this.#tellsCopies) for (const one of wishes.subscribe) this.#ask([one], identifierOf(one.topic));
		else this.#ask(wishes.subscribe);
	}

	/** Several subscriptions may select one message, and it can be asked by which of them it comes. */
	get #tellsCopies(): boolean {
		const { subscriptionIdentifiersAvailable = true } = this.#connack.properties ?? {};
		return (
			this.#options.speech.version === 5 && subscriptionIdentifiersAvailable && this.#parts.map.remoteFilters.length > 1
		);
	}

	#ask(subscriptions: ISubscribePacket["subscriptions"], subscriptionIdentifier?: number): void {
		const messageId = this.#parts.outgoing.reservePacketId();
		this.#asked.set(
			messageId,
			subscriptions.map(({ topic }) => topic),
		);
		const properties = subscriptionIdentifier === undefined ? {} : { properties: { subscriptionIdentifier } };
		this.#link.send({ cmd: "subscribe", messageId, subscriptions, ...properties });
	}

	#subscribed({ messageId = 0, granted, properties }: ISubackPacket): void {
		const asked = this.#asked.get(messageId) ?? [];
		this.#asked.delete(messageId);
		for (const [at, filter] of asked.entries()) {
			const code = Number(granted[at] ?? UNSPECIFIED);
			if (code < 128) continue;
			this.#refused.add(filter);
			const text = properties?.reasonString;
			this.#events.subscriptionRefused(filter, text ? `${text} (reason code ${code})` : `reason code ${code}`);
		}
		if (this.#asked.size === 0) this.#allSubscribed();
	}

	#allSubscribed(): void {
		const { store, map } = this.#parts;
		const copies = this.#copies;
		const has = map.remoteFilters.filter(({ filter }) => !this.#refused.has(filter));
		copies.granted(this.#tellsCopies ? has.map(({ filter }) => filter) : []);
		keepSubscriptions(store, this.#options.session, has, (filter) => copies.certainIdentifier(filter));
		this.#link.send({ cmd: "pingreq" });
	}

	#catchUp(): void {
		if (!this.#isCatchingUp) return;
		this.#isCatchingUp = false;
		this.#events.caughtUp();
	}
}

/** @returns what MQTT forbids in a message from another broker */
function whyNotPublish({ topic, qos, messageId, properties }: IPublishPacket): string | undefined {
	// We have allowed none in CONNECT. [MQTT-3.1.2-26]
	if (properties?.topicAlias !== undefined) return "a message has a topic alias, and none was allowed";
	if (topic === "") return "a message has no topic";
	if (qos > 0 && !messageId) return "a message has the packet id 0";
	return undefined;
}
