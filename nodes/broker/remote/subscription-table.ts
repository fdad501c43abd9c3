/**
 * All subscriptions of the nodes over one connection: what the broker is asked for, and who gets what it sends.
 *
 * A node gets one publication once:
 * - MQTT 5: the broker tells by which subscriptions a message comes, in one copy or in several; each node takes the one
 *   for the first of its filters that selects the topic.
 * - MQTT 3, and MQTT 5 where the broker tells no identifiers: every copy goes to every node with a filter that selects
 *   it. Most brokers send one copy. One that sends a copy for each of several overlapping filters gives duplicates.
 */

import type { IPublishPacket } from "mqtt";
import { FlowbrokerError, type Message, matchesTopic, messageProperties } from "../../../broker";
import { Copies } from "./copies";
import type { NodeSubscription } from "./node-subscription";
import { wordsOf } from "./reason-codes";
import type { Session } from "./session";
import { identifierOf, WireFilter } from "./wire-filter";

export class SubscriptionTable {
	readonly #keep: () => boolean;
	readonly #filters = new Map<string, WireFilter>();
	readonly #byIdentifier = new Map<number, WireFilter>();
	/** Given up while there was no connection; a session that lasts still has them. */
	readonly #leftOver = new Set<string>();
	readonly #copies = new Copies();
	#session: Session | undefined;

	/** @param keep leave subscriptions in the session of the broker when their node leaves */
	constructor(keep: () => boolean) {
		this.#keep = keep;
	}

	add(subscription: NodeSubscription): void {
		for (const filter of new Set(subscription.filters)) {
			const wire = this.#wireOf(filter);
			const before = wire.members.size > 0 && wire.granted ? JSON.stringify(wire.request(0)) : "";
			wire.members.add(subscription);
			// A subscription that another node has already brings retained messages only when it is made again.
			const retained = subscription.options.retainHandling === 2 ? 2 : 0;
			if (retained === 0 || JSON.stringify(wire.request(0)) !== before) this.#ask(wire, retained);
		}
	}

	/** @param leaving the node goes; else the flow has asked for the end of the subscription */
	remove(subscription: NodeSubscription, leaving: boolean): void {
		for (const filter of new Set(subscription.filters)) {
			const wire = this.#filters.get(filter);
			if (!wire?.members.delete(subscription) || wire.members.size > 0) continue;
			if (!(leaving && this.#keep())) this.#drop(wire);
		}
	}

	/** A deploy is over: what no node has claimed again is given up. */
	settle(): void {
		for (const wire of [...this.#filters.values()]) if (wire.members.size === 0) this.#drop(wire);
	}

	attach(session: Session): void {
		this.#session = session;
		if (session.resumed) for (const filter of this.#leftOver) session.mqtt.unsubscribe(filter, () => {});
		this.#leftOver.clear();
		for (const wire of this.#filters.values()) {
			if (session.resumed && wire.granted) continue;
			for (const subscription of wire.members) subscription.renew();
			this.#ask(wire, wire.retainHandling);
		}
	}

	detach(): void {
		const lasting = this.#session?.lasting;
		this.#session = undefined;
		this.#copies.clear();
		for (const wire of this.#filters.values()) {
			wire.granted &&= lasting === true;
			if (wire.refused) this.#answer(wire, undefined);
			wire.refused = false;
		}
	}

	dispatch(topic: string, payload: Buffer, packet: IPublishPacket): void {
		const identifiers = this.#identifiersOf(packet);
		const wires = identifiers.flatMap((identifier) => this.#byIdentifier.get(identifier) ?? []);
		const told = wires.length > 0;
		// Identifiers of subscriptions that nobody has any more are of no use.
		const selected = told ? wires : [...this.#filters.values()].filter((wire) => matchesTopic(wire.selects, topic));
		const shared = told ? this.#copies.payloadOf(topic, payload, packet, identifiers) : payload;
		const properties = messageProperties(packet.properties);
		const message: Message = {
			topic,
			payload: shared,
			qos: packet.qos,
			retain: packet.retain,
			...(properties && { properties }),
		};
		for (const subscription of new Set(selected.flatMap((wire) => [...wire.members]))) {
			const selecting = subscription.selecting(topic);
			const first = selecting.find((filter) => !this.#filters.get(filter)?.refused);
			if (told && !selected.some(({ filter }) => filter === first)) continue;
			// With "retain as published" a live message may have the flag, too.
			const kept =
				packet.retain && (this.#session?.protocolVersion !== 5 || !selected.some((wire) => wire.retainAsPublished));
			subscription.take(message, kept, selecting);
		}
	}

	#wireOf(filter: string): WireFilter {
		const found = this.#filters.get(filter);
		if (found) return found;
		const wire = new WireFilter(
			filter,
			identifierOf(filter, (identifier) => this.#byIdentifier.has(identifier)),
		);
		this.#filters.set(filter, wire);
		this.#byIdentifier.set(wire.identifier, wire);
		this.#leftOver.delete(filter);
		return wire;
	}

	#drop(wire: WireFilter): void {
		this.#filters.delete(wire.filter);
		this.#byIdentifier.delete(wire.identifier);
		if (this.#session) this.#session.mqtt.unsubscribe(wire.filter, () => {});
		else this.#leftOver.add(wire.filter);
	}

	#ask(wire: WireFilter, retainHandling: 0 | 1 | 2): void {
		const session = this.#session;
		if (!session) return;
		const properties = session.identifiers ? { properties: { subscriptionIdentifier: wire.identifier } } : {};
		session.mqtt.subscribe(
			wire.filter,
			{ ...wire.request(retainHandling), ...properties },
			(error, _requests, packet) => {
				if (this.#session !== session || this.#filters.get(wire.filter) !== wire) return;
				const code = packet?.granted[0] ?? 128;
				// Without an answer the connection was lost: the next one asks again.
				if (error && !packet) return;
				wire.granted = !error;
				const changed = wire.refused !== Boolean(error);
				wire.refused = Boolean(error);
				if (error || changed)
					this.#answer(wire, error ? refusal(wire.filter, Number(code), packet?.properties?.reasonString) : undefined);
			},
		);
	}

	#answer(wire: WireFilter, problem: FlowbrokerError | undefined): void {
		for (const subscription of [...wire.members]) subscription.answered(problem);
	}

	/** One or several: MQTT.js gives a number or a list. */
	#identifiersOf({ properties }: IPublishPacket): number[] {
		const identifiers = properties?.subscriptionIdentifier as number | number[] | undefined;
		return identifiers === undefined ? [] : [identifiers].flat();
	}
}

function refusal(filter: string, code: number, reason: string | undefined): FlowbrokerError {
	const sentence = `The broker refuses the subscription to "${filter}": ${wordsOf(code, reason)}.`;
	return new FlowbrokerError("SUBSCRIPTION_REFUSED", sentence);
}
