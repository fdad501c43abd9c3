/** How a request asks for its answer, and how the answer is known: by properties, by topic, by payload or by order. */

import { FlowbrokerError, isTopicName, type Message } from "../../broker";
import type { AnswerKind } from "./properties";

/** What is published, and what has to be subscribed to before. */
export interface Question {
	readonly message: Message;
	/** Where the answer comes. */
	readonly filter: string;
}

export interface AnswerPlan {
	/** Answers can only be told apart by the order in which they come. */
	readonly oneAtATime: boolean;
	/**
	 * @param request as the flow wants it
	 * @param id of this request, unique in this process and very likely elsewhere
	 * @throws FlowbrokerError PAYLOAD_INVALID, TOPIC_INVALID
	 */
	question(request: Message, id: string): Question;
	/** The id of the request that a message answers; undefined when it answers none. */
	idOf(answer: Message): string | undefined;
}

/** What stands for the id in a topic: a whole level. */
const PLACE = "{id}";
const ANY_ID = "any";

/** MQTT 5: the request says where the answer has to go, and what it has to bring back. */
export function byProperties(answerTopic: string): AnswerPlan {
	return {
		oneAtATime: false,
		question: ({ properties, ...request }, id) => ({
			message: {
				...request,
				properties: { ...properties, responseTopic: answerTopic, correlationData: Buffer.from(id) },
			},
			filter: answerTopic,
		}),
		idOf: ({ properties }) => properties?.correlationData?.toString(),
	};
}

/**
 * Both topics hold the id. Without a topic for answers, `lamp` is asked at `lamp/request/<id>` and answers at
 * `lamp/response/<id>`.
 * @param answerTopic with a level `{id}`; undefined for the usual one
 */
export function byTopic(answerTopic: string | undefined): AnswerPlan {
	return {
		oneAtATime: false,
		question(request, id) {
			const { topic } = request;
			if (answerTopic === undefined) {
				return {
					message: { ...request, topic: `${topic}/request/${id}` },
					filter: `${topic}/response/+`,
				};
			}
			if (!hasPlace(topic)) {
				const sentence = `The request can't be sent: its topic "${topic}" must have a level {id}, as the answer topic has.`;
				throw new FlowbrokerError("TOPIC_INVALID", sentence);
			}
			return { message: { ...request, topic: withId(topic, id) }, filter: withId(answerTopic, "+") };
		},
		idOf({ topic }) {
			const levels = topic.split("/");
			return answerTopic === undefined ? levels.at(-1) : levels[answerTopic.split("/").indexOf(PLACE)];
		},
	};
}

/** Request and answer are JSON objects with the id as one of their properties. */
export function byPayload(answerTopic: string, property: string): AnswerPlan {
	return {
		oneAtATime: false,
		question(request, id) {
			const payload = objectOf(request.payload);
			if (!payload) {
				const sentence = `The request can't be sent: its payload must be a JSON object, so that the id of the request can be added as "${property}".`;
				throw new FlowbrokerError("PAYLOAD_INVALID", sentence);
			}
			const bytes = Buffer.from(JSON.stringify({ ...payload, [property]: id }));
			return { message: { ...request, payload: bytes }, filter: answerTopic };
		},
		idOf({ payload }) {
			const id = objectOf(payload)?.[property];
			return id === undefined ? undefined : String(id);
		},
	};
}

/** The next message is the answer. */
export function byOrder(answerTopic: string): AnswerPlan {
	return {
		oneAtATime: true,
		question: (request) => ({ message: request, filter: answerTopic }),
		idOf: () => ANY_ID,
	};
}

/**
 * @param answerTopic as the node or the message says it
 * @param own a topic that no other node has, for answers by properties
 * @throws FlowbrokerError TOPIC_INVALID when the kind needs an answer topic, or another one
 */
export function answerPlan(
	kind: Exclude<AnswerKind, "auto"> | "properties",
	answerTopic: string | undefined,
	own: string,
	idProperty: string,
): AnswerPlan {
	switch (kind) {
		case "properties":
			return byProperties(checked(answerTopic ?? own));
		case "topic":
			if (answerTopic === undefined || hasPlace(answerTopic)) return byTopic(answerTopic && checked(answerTopic));
			throw invalid(`the answer topic "${answerTopic}" must have a level {id}, or be empty`);
		case "payload":
			return byPayload(checked(answerTopic), idProperty);
		case "order":
			return byOrder(checked(answerTopic));
	}
}

function checked(topic: string | undefined): string {
	if (topic === undefined) throw invalid("neither the node nor msg.responseTopic says where the answer comes");
	if (isTopicName(topic)) return topic;
	throw invalid(`"${topic.slice(0, 80)}" is no topic that can be answered to: it must not contain + or #`);
}

function invalid(problem: string): FlowbrokerError {
	return new FlowbrokerError("TOPIC_INVALID", `The request can't be sent: ${problem}.`);
}

function hasPlace(topic: string): boolean {
	return topic.split("/").includes(PLACE);
}

function withId(topic: string, id: string): string {
	return topic
		.split("/")
		.map((level) => (level === PLACE ? id : level))
		.join("/");
}

function objectOf(payload: Buffer): Record<string, unknown> | undefined {
	try {
		const value: unknown = JSON.parse(payload.toString());
		return typeof value === "object" && value !== null && !Array.isArray(value)
			? (value as Record<string, unknown>)
			: undefined;
	} catch {
		return undefined;
	}
}
