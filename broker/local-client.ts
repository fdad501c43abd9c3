/** A client inside this process: publishes and subscribes without a socket, with the rights of its user. */

import type { SessionAccess } from "./access/access";
import type { FlowbrokerError } from "./errors";
import type { Message, QoS } from "./message";

export interface LocalSubscribeOptions {
	/** The highest QoS at which messages are handed over; default 2. */
	qos?: QoS;
	/** MQTT 5 no local: not what this client published itself. Default false. */
	noLocal?: boolean;
	/** MQTT 5 retain as published: keep the retain flag of live messages. Default false. */
	retainAsPublished?: boolean;
	/** MQTT 5 retain handling: 0 send retained messages, 1 only for a new subscription, 2 never. Default 0. */
	retainHandling?: 0 | 1 | 2;
}

/** A message as it arrives. One object a publication; the payload is shared and must not be written to. */
export interface Delivery extends Message {
	/** The filters of this subscription that selected the message, in the order they were given. */
	readonly filters: readonly string[];
}

/** What a subscription can be asked. */
export interface LocalSubscription {
	readonly filters: readonly string[];
	close(): void;
}

/** A client inside this process. Made by `broker.localClient()`. */
export interface LocalClient {
	readonly name: string;
	readonly access: SessionAccess;
	/**
	 * @param done called once, when every delivery was handed on or with a {@link FlowbrokerError}
	 * (TOPIC_INVALID, NOT_ALLOWED, BROKER_STOPPED)
	 */
	publish(message: Message, done?: (error?: FlowbrokerError) => void): void;
	/** Publishes what more has to be kept about. @param taken as in {@link Engine.publish} */
	publishNoting(message: Message, done: (error?: FlowbrokerError) => void, taken: () => void): void;
	/**
	 * One subscription with one or several filters: a publication that several of them select arrives once.
	 * @throws {@link FlowbrokerError} FILTER_INVALID, NOT_ALLOWED
	 */
	subscribe(
		filters: readonly string[],
		options: LocalSubscribeOptions,
		receive: (delivery: Delivery) => void,
	): LocalSubscription;
	/** Ends all subscriptions. */
	close(): void;
}
