/** Reads the properties of a request node once, so that everything behind can trust them. */

import { FlowbrokerError } from "../../broker";
import { type Datatype, datatypes } from "../in/properties";
import { type OutSettings, outSettings } from "../out/outgoing";
import { textOf, wholeOf } from "../values";
import { type AnswerKind, answerKinds, type RequestProperties, requestDefaults } from "./properties";

export interface RequestSettings {
	/** Topic and QoS of the requests. */
	readonly out: OutSettings;
	readonly answers: AnswerKind;
	readonly answerTopic: string | undefined;
	readonly idProperty: string;
	/** Milliseconds. */
	readonly timeout: number;
	readonly limit: number;
	readonly datatype: Datatype;
	readonly secondOutput: boolean;
}

/** Seconds: a day. A timer can't take much more. */
const LONGEST = 86_400;
const MOST = 100_000;

/** @param raw with variables filled in @throws FlowbrokerError OPTION_INVALID */
export function requestSettings(raw: { readonly [name in keyof RequestProperties]?: unknown }): RequestSettings {
	return {
		out: outSettings({ topic: raw.topic, qos: raw.qos, retain: "false" }),
		answers: choice(raw.answers, "answers", answerKinds, requestDefaults.answers),
		answerTopic: textOf(raw.respTopic),
		idProperty: textOf(raw.idProperty) ?? requestDefaults.idProperty,
		timeout: secondsOf(raw.timeout) * 1000,
		limit: limitOf(raw.limit),
		datatype: choice(raw.datatype, "datatype", datatypes, requestDefaults.datatype),
		secondOutput: wholeOf(raw.outputs) === 2,
	};
}

/** @param value of `msg.requestTimeout`, in milliseconds as Node-RED's own nodes have it */
export function timeoutOf(value: unknown, otherwise: number): number {
	if (value === undefined || value === null || value === "") return otherwise;
	const milliseconds = Number(value);
	if (milliseconds >= 1 && milliseconds <= LONGEST * 1000) return milliseconds;
	const sentence = `msg.requestTimeout must be a number of milliseconds from 1 to ${LONGEST * 1000}. Correct the message.`;
	throw new FlowbrokerError("OPTION_INVALID", sentence);
}

function secondsOf(value: unknown): number {
	if (isEmpty(value)) return requestDefaults.timeout;
	const seconds = Number(value);
	if (seconds >= 0.001 && seconds <= LONGEST) return seconds;
	throw invalid("timeout", value, `a number of seconds up to ${LONGEST}`);
}

function limitOf(value: unknown): number {
	if (isEmpty(value)) return requestDefaults.limit;
	const limit = wholeOf(value);
	if (limit !== undefined && limit >= 1 && limit <= MOST) return limit;
	throw invalid("limit", value, `a whole number from 1 to ${MOST}`);
}

function choice<Choice extends string>(
	value: unknown,
	name: string,
	choices: readonly Choice[],
	otherwise: Choice,
): Choice {
	if (isEmpty(value)) return otherwise;
	const found = choices.find((known) => known === value);
	if (found) return found;
	throw invalid(name, value, `one of ${choices.join(", ")}`);
}

function isEmpty(value: unknown): boolean {
	return value === undefined || value === null || value === "";
}

function invalid(name: string, value: unknown, rule: string): FlowbrokerError {
	const shown = String(JSON.stringify(value)).slice(0, 60);
	const sentence = `The field "${name}" of the request node must be ${rule}; it is ${shown}. Open the node and correct it.`;
	return new FlowbrokerError("OPTION_INVALID", sentence);
}
