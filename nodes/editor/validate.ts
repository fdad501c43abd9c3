/** Validators of form fields: `true`, or one sentence that says what is wrong. */

// Not by way of the public face, which would bring the whole broker into the browser: these rules are pure.
import { isTopicName, whyNotFilter } from "../../broker/topic";

export type Verdict = true | string;

/** A whole number from 0 to 65535, or an environment variable. */
export function port(value: unknown): Verdict {
	const text = String(value ?? "").trim();
	if (text === "" || isVariable(text)) return true;
	return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? true : "the port must be a whole number from 0 to 65535";
}

export function topicFilter(value: unknown): Verdict {
	return whyNotFilter(withoutVariables(value)) ?? true;
}

/** A topic to publish to; an empty one is left to the message. */
export function topicName(value: unknown): Verdict {
	const topic = withoutVariables(value);
	if (topic === "" || isTopicName(topic)) return true;
	return /[+#]/.test(topic) ? "+ and # are for subscribing: a message goes to one topic" : "the topic is too long";
}

/** A JSON object as text, or nothing. */
export function jsonObject(value: unknown): Verdict {
	const text = String(value ?? "").trim();
	if (text === "" || isVariable(text)) return true;
	try {
		const parsed: unknown = JSON.parse(text);
		if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return true;
	} catch {
		// Said below.
	}
	return 'user properties must be a JSON object, as in {"unit": "°C"}';
}

/** A number of seconds, or nothing. */
export function seconds(value: unknown): Verdict {
	const text = String(value ?? "").trim();
	return text === "" || isVariable(text) || /^\d+$/.test(text) ? true : "the time must be a whole number of seconds";
}

/** A whole number, or nothing. */
export function whole(value: unknown): Verdict {
	const text = String(value ?? "").trim();
	return text === "" || isVariable(text) || /^\d+$/.test(text) ? true : "this must be a whole number";
}

/** A number of seconds that may have decimals, or nothing. */
export function decimal(value: unknown): Verdict {
	const text = String(value ?? "").trim();
	return text === "" || isVariable(text) || /^\d+(\.\d+)?$/.test(text) ? true : "this must be a number of seconds";
}

function isVariable(text: string): boolean {
	return /^\$\{[^}]+\}$/.test(text);
}

/** What a variable holds is not known here: it counts as one level of a topic. */
function withoutVariables(value: unknown): string {
	return String(value ?? "").replace(/\$\{[^}]+\}/g, "variable");
}
