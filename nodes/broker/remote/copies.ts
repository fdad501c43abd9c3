/** Finds the copies of one publication that a broker sends by several subscriptions. */

import { isDeepStrictEqual } from "node:util";
import type { IPublishPacket } from "mqtt";

interface Publication {
	readonly topic: string;
	readonly payload: Buffer;
	readonly properties: object;
	/** The subscriptions by which it has come. */
	readonly identifiers: Set<number>;
}

/** Copies follow each other closely: so many publications are remembered. */
const REMEMBERED = 16;

/**
 * MQTT 5 lets a broker send one publication once, with the identifiers of all subscriptions that select it, or once for
 * each subscription. The in node takes the same payload object for the same publication: a copy gets the object of the
 * first one. The same content by a subscription that already had it is a new publication.
 */
export class Copies {
	/** Newest first. */
	#recent: Publication[] = [];

	/** @returns the payload to hand on, equal to the packet's */
	payloadOf(
		topic: string,
		payload: Buffer,
		packet: { readonly properties?: object | undefined },
		identifiers: readonly number[],
	): Buffer {
		const all = (packet.properties ?? {}) as NonNullable<IPublishPacket["properties"]>;
		const { subscriptionIdentifier: _, topicAlias: __, ...properties } = all;
		const known = this.#recent.find(
			(one) =>
				one.topic === topic &&
				identifiers.every((identifier) => !one.identifiers.has(identifier)) &&
				one.payload.equals(payload) &&
				isDeepStrictEqual(one.properties, properties),
		);
		if (known) {
			for (const identifier of identifiers) known.identifiers.add(identifier);
			return known.payload;
		}
		this.#recent = [
			{ topic, payload, properties, identifiers: new Set(identifiers) },
			...this.#recent.slice(0, REMEMBERED - 1),
		];
		return payload;
	}

	clear(): void {
		this.#recent = [];
	}
}
