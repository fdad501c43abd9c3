/** SUBSCRIBE and UNSUBSCRIBE. */

import {
	decodeSubscribe,
	decodeUnsubscribe,
	encodeSuback,
	encodeUnsuback,
	type RequestedSubscription,
} from "../../wire";
import type { EngineSubscription } from "../engine";
import type { DirectClient } from "./client";
import type { Parts } from "./parts";
import { type Subscription, shareOf } from "./router";

const NOT_AUTHORIZED = 0x87;
const QUOTA_EXCEEDED = 0x97;
/** What clients before MQTT 5 are told in place of any refusal. [MQTT-3.9.3-2 of 3.1.1] */
const FAILURE = 0x80;
const NO_SUBSCRIPTION_EXISTED = 0x11;

/** A subscription whose retained messages are to follow. */
interface Wanted {
	readonly subscription: Subscription;
	readonly filter: string;
}

export function subscribe(packet: Buffer, client: DirectClient, parts: Parts): void {
	const { limits, hooks } = parts;
	const { packetId, subscriptions, identifier, more } = decodeSubscribe(packet, client.isV5, limits.subscriptions);
	const codes: number[] = [];
	const granted: EngineSubscription[] = [];
	const wanted: Wanted[] = [];
	for (const request of subscriptions) {
		const code = subscribeOne(request, identifier, client, parts, wanted);
		codes.push(code >= FAILURE && !client.isV5 ? FAILURE : code);
		if (code < FAILURE) granted.push({ filter: request.filter, qos: request.qos });
	}
	for (let left = more; left > 0; left--) codes.push(client.isV5 ? QUOTA_EXCEEDED : FAILURE);
	if (granted.length > 0) hooks.subscribed(client, granted);
	// Retained messages come behind the answer.
	client.confirm(encodeSuback(packetId, codes, client.isV5), () => {
		for (const { subscription, filter } of wanted) client.retained.send(subscription, filter);
	});
}

export function unsubscribe(packet: Buffer, client: DirectClient, { sessions, hooks }: Parts): void {
	const { packetId, filters } = decodeUnsubscribe(packet, client.isV5);
	const codes = filters.map((filter) => (sessions.unsubscribe(client.session, filter) ? 0 : NO_SUBSCRIPTION_EXISTED));
	client.confirm(encodeUnsuback(packetId, codes, client.isV5));
	hooks.unsubscribed(client, filters);
}

/** @returns the code for SUBACK */
function subscribeOne(
	request: RequestedSubscription,
	identifier: number | undefined,
	client: DirectClient,
	{ limits, hooks, sessions }: Parts,
	wanted: Wanted[],
): number {
	const { filter, qos, retainHandling } = request;
	const { session, terms } = client;
	if (session.subscriptions.size >= limits.subscriptions && !session.subscriptions.has(filter)) return QUOTA_EXCEEDED;
	const share = shareOf(filter);
	const { allow, reason } = client.access.maySubscribe(share?.filter ?? filter);
	if (!allow) {
		hooks.denied(client, "subscribe", filter, reason);
		return NOT_AUTHORIZED;
	}
	const isNew = sessions.subscribe(session, {
		filter,
		qos,
		// A bridge of Mosquitto's kind has no other way to ask for these.
		noLocal: request.noLocal || terms.bridge,
		retainAsPublished: request.retainAsPublished || terms.bridge,
		retainHandling,
		...(identifier !== undefined && { identifier }),
	});
	const subscription = session.subscriptions.get(filter);
	const wantsRetained = retainHandling === 0 || (retainHandling === 1 && isNew);
	// A shared subscription gets none. [MQTT-4.8.2 of 5]
	if (subscription && wantsRetained && !share) wanted.push({ subscription, filter });
	return qos;
}
