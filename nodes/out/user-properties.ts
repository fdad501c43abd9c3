/** User properties of MQTT 5: pairs of texts, where a name may come more than once. */

import { FlowbrokerError, type MessageProperties } from "../../broker";

export type UserProperties = NonNullable<MessageProperties["userProperties"]>;

/**
 * The setting of the node: a JSON object as text.
 * @throws FlowbrokerError OPTION_INVALID
 */
export function parseUserProperties(text: unknown): UserProperties | undefined {
	if (typeof text !== "string" || text.trim() === "") return undefined;
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (error) {
		throw invalid(error);
	}
	if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid();
	return userPropertiesOf(value);
}

/**
 * The properties of a message. A list of texts is one name several times; what is neither text nor list is written as
 * JSON, as Node-RED's own node does.
 * @returns undefined when there is none
 */
export function userPropertiesOf(value: unknown): UserProperties | undefined {
	if (typeof value !== "object" || value === null) return undefined;
	const pairs = Object.entries(value).flatMap(([name, one]): Array<[string, string | string[]]> => {
		const text = propertyValueOf(one);
		return text === undefined ? [] : [[name, text]];
	});
	return pairs.length > 0 ? Object.fromEntries(pairs) : undefined;
}

function propertyValueOf(value: unknown): string | string[] | undefined {
	if (typeof value === "string") return value;
	if (value === null || value === undefined) return undefined;
	if (Array.isArray(value) && value.every((one) => typeof one === "string")) return [...value];
	try {
		return JSON.stringify(value);
	} catch {
		// A ring of objects has no text; the other properties are sent all the same.
		return undefined;
	}
}

function invalid(cause?: unknown): FlowbrokerError {
	const sentence =
		'The user properties of the node must be a JSON object, as in {"unit": "°C"}. Open the node and correct them.';
	return new FlowbrokerError("OPTION_INVALID", sentence, cause);
}
