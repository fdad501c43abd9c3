/** What a flow file stores for the request node. */

import type { Datatype } from "../in/properties";

/**
 * How an answer is known to belong to a request:
 * - `auto`: by the properties of MQTT 5; over a connection of MQTT 3 as `topic`.
 * - `topic`: by an id in both topics.
 * - `payload`: by an id in a property of both payloads, which are JSON objects.
 * - `order`: the next message is the answer, and there is one request at a time.
 */
export const answerKinds = ["auto", "topic", "payload", "order"] as const;

export type AnswerKind = (typeof answerKinds)[number];

/** Properties of the request node. */
export interface RequestProperties {
	name: string;
	/** Id of the config node. */
	broker: string;
	/** Where requests go; empty when the message says it. With `topic` it may hold `{id}`. */
	topic: string;
	qos: string;
	answers: AnswerKind;
	/** Where answers come. With `topic` it holds `{id}` when it is not empty. */
	respTopic: string;
	/** With `payload`: the property that holds the id. */
	idProperty: string;
	/** Seconds to wait for an answer. */
	timeout: number | string;
	/** How many requests may be without answer at the same time. */
	limit: number | string;
	/** Of the answer's payload. */
	datatype: Datatype;
	/** 2 when requests without answer leave by an output of their own. */
	outputs: 1 | 2;
}

export const requestDefaults = {
	name: "",
	broker: "",
	topic: "",
	qos: "1",
	answers: "auto",
	respTopic: "",
	idProperty: "id",
	timeout: 10,
	limit: 100,
	datatype: "auto-detect",
	outputs: 1,
} as const satisfies RequestProperties;
