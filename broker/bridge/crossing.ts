/** The crossing of messages: what leaves the broker in this process, and what comes in, each under its name on that side. */

import type { SessionAccess } from "../access/access";
import type { Broker } from "../broker";
import { FlowbrokerError } from "../errors";
import type { Delivery } from "../local-client";
import type { Message, QoS } from "../message";
import type { BridgeOptions, BridgeState } from "./bridge-options";
import type { BridgeGate, BridgePort } from "./hub";
import { isTemporary } from "./incoming";
import { markOf, withMark, withoutMark } from "./mark";
import type { Outgoing } from "./outgoing";
import type { TopicMap } from "./topic-map";

export interface CrossingEvents {
	/** @param reason completes "did not cross the bridge: ..." */
	dropped(message: Message, reason: string): void;
	/** Something is to leave. */
	leaving(): void;
	/** As in {@link BridgePort.begin}: to be followed by {@link Crossing.allow}. */
	begin(): void;
	/** As in {@link BridgePort.end}. */
	end(): void;
	state(): BridgeState;
}

export class Crossing implements BridgePort {
	readonly id: string;
	readonly localFilters: readonly string[];
	readonly marks: boolean;
	readonly #broker: Broker;
	readonly #options: BridgeOptions;
	readonly #map: TopicMap;
	readonly #outgoing: Outgoing;
	readonly #events: CrossingEvents;
	#gate: BridgeGate | undefined;
	#access: SessionAccess | undefined;
	#hasBegun = false;
	/** Topics whose retained message the other broker has missed; `all`: nobody knows. */
	#missed: Set<string> | "all" = "all";
	/** Topics of which a message came in since the connect. */
	readonly #news = new Set<string>();

	constructor(broker: Broker, options: BridgeOptions, map: TopicMap, outgoing: Outgoing, events: CrossingEvents) {
		this.id = options.id;
		this.localFilters = map.localFilters;
		this.marks = options.loopGuard;
		this.#broker = broker;
		this.#options = options;
		this.#map = map;
		this.#outgoing = outgoing;
		this.#events = events;
	}

	get access(): SessionAccess | undefined {
		return this.#access;
	}

	get state(): BridgeState {
		return this.#events.state();
	}

	/** From now on nothing that is to leave is missed. @throws FlowbrokerError OPTION_INVALID */
	open(): void {
		this.#gate = this.#broker.bridges.open(this);
	}

	close(): void {
		this.#gate?.close();
		this.#gate = undefined;
	}

	begin(): void {
		this.#events.begin();
	}

	end(): void {
		this.#events.end();
	}

	/**
	 * The bridge can keep messages, and knows its rights.
	 * @param access undefined: everything that the rules name
	 * @param known there is a session of before, which has not missed anything
	 */
	allow(access: SessionAccess | undefined, known: boolean): void {
		this.#access = access;
		if (known && !this.#hasBegun) this.#missed = new Set();
		this.#hasBegun = true;
	}

	/** A connection has come about. */
	connected(): void {
		this.#news.clear();
	}

	takes(topic: string): boolean {
		return this.#map.outward(topic) !== undefined;
	}

	leave(delivery: Delivery): void {
		if (!this.#hasBegun) return;
		const message = this.#asItLeaves(delivery);
		if (!message) return;
		const { queue, start } = this.#options;
		const isTaken = this.#outgoing.take(message, queue.qos0 || start === "lazy");
		if (!isTaken && delivery.retain && this.#missed !== "all") this.#missed.add(delivery.topic);
		this.#events.leaving();
	}

	/** @param message as it came from the other broker. The rest is as in {@link BridgeGate.publish}. */
	enter(message: Message, done: (error?: FlowbrokerError) => void, taken: () => void): void {
		const route = this.#map.inward(message.topic);
		const gate = this.#gate;
		// Without a route it is of an earlier session, with other rules.
		if (!route || !gate) {
			done(route && new FlowbrokerError("BROKER_STOPPED", "The bridge was stopped."));
			return;
		}
		this.#news.add(route.topic);
		const local = this.#marked({ ...message, topic: route.topic }, message);
		const ended = (error?: FlowbrokerError) => {
			if (error && !isTemporary(error)) this.#events.dropped(local, error.message.replace(/\.$/, ""));
			done(error);
		};
		gate.publish(local, ended, taken);
	}

	/**
	 * What this broker retains, and the other one may not have. Where both have something, the other one's counts.
	 * @param resumed the other broker has kept the session
	 */
	sendRetained(resumed: boolean): void {
		const missed = this.#missed;
		this.#missed = new Set();
		const isWanted = (topic: string) => missed === "all" || !resumed || missed.has(topic);
		/** By their name at the other broker. */
		const topics = new Map<string, string>();
		for (const filter of this.localFilters) {
			for (const { topic } of this.#broker.retained(filter)) {
				const route = isWanted(topic) ? this.#map.outward(topic) : undefined;
				if (route && !(route.direction === "both" && this.#news.has(topic))) topics.set(route.topic, topic);
			}
		}
		this.#news.clear();
		this.#outgoing.sendRetained(topics.keys(), (name) => {
			const message = this.#broker.retained(topics.get(name) ?? name)[0];
			return message && this.#asItLeaves(message);
		});
	}

	/** @returns undefined when it may not leave */
	#asItLeaves(message: Message): Message | undefined {
		const { topic, payload, properties } = message;
		const route = this.#map.outward(topic);
		if (!route || this.#access?.mayReceive(topic).allow === false) return undefined;
		const qos = Math.min(message.qos, route.qos) as QoS;
		const retain = message.retain && this.#options.outgoingRetain;
		return this.#marked({ topic: route.topic, payload, qos, retain, ...(properties && { properties }) }, message);
	}

	/** @param original under its other name */
	#marked(message: Message, original: Message): Message {
		const mark = this.marks ? markOf(original) : undefined;
		return mark ? withMark(message, { ...mark, bridges: mark.bridges + 1 }) : withoutMark(message);
	}
}
