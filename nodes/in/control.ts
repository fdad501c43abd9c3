/** Control messages of an in node with dynamic subscriptions: what `msg.action` asks for of its subscriptions. */

import type { NodeMessage } from "node-red";
import { FlowbrokerError } from "../../broker";
import { unknownAction } from "../connection-action";
import type { Datatype } from "./properties";
import { type RawSubscription, type SubscriptionRequest, subscriptionRequest } from "./subscription-request";
import type { Subscriptions } from "./subscriptions";

/**
 * Does what the message asks for.
 * @param datatype of subscriptions that name none
 * @returns the message to send on, if the action has an answer
 * @throws FlowbrokerError ACTION_INVALID, FILTER_INVALID, NOT_ALLOWED
 */
export function control(
	message: NodeMessage,
	subscriptions: Subscriptions,
	datatype: Datatype,
): NodeMessage | undefined {
	switch (message.action) {
		case "subscribe": {
			const requests = topicsOf(message.topic).map((raw) => subscriptionRequest(raw, { rap: true, datatype }));
			for (const request of requests) subscriptions.add(request);
			// For Complete nodes: the action has no other answer.
			message.subscriptions = subscriptions.list();
			return undefined;
		}
		case "unsubscribe": {
			for (const topic of namesOf(message.topic, subscriptions.list())) subscriptions.remove(topic);
			message.subscriptions = subscriptions.list();
			return undefined;
		}
		case "getSubscriptions":
			return Object.assign(message, { topic: "subscriptions", payload: subscriptions.list() });
		default:
			throw unknownAction(message, ["subscribe", "unsubscribe", "getSubscriptions", "next"]);
	}
}

/** The topics of a message: one or a list, each a text or an object. */
function topicsOf(topic: unknown): RawSubscription[] {
	const list = Array.isArray(topic) ? topic : [topic];
	return list.map((one: unknown) => {
		if (typeof one === "string") return { topic: one };
		if (typeof one === "object" && one !== null && "topic" in one) return one;
		throw new FlowbrokerError(
			"ACTION_INVALID",
			"msg.topic must be a topic, an object with a topic, or a list of them. Correct the message.",
		);
	});
}

function namesOf(topic: unknown, all: readonly SubscriptionRequest[]): string[] {
	// The value of msg.topic is not declared as such, but `true` stands for all subscriptions.
	if (topic === true) return all.map((request) => request.topic);
	return topicsOf(topic).map((raw) => subscriptionRequest(raw, { rap: true, datatype: "auto-detect" }).topic);
}
