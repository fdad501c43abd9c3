/** Topic names and topic filters as MQTT defines them: pure functions, no state. */

import { isMqttText } from "./text";

/** A topic that a message may be published to: not empty, no wildcard, no NUL. [MQTT-4.7.1-1] [MQTT-4.7.3-1] */
export function isTopicName(text: string): boolean {
	if (!isTopicText(text)) return false;
	return !text.includes("+") && !text.includes("#");
}

/** A topic filter that may be subscribed to: `+` fills a whole level, `#` is the last one. [MQTT-4.7.1-2] [MQTT-4.7.1-3] */
export function isTopicFilter(text: string): boolean {
	if (!isTopicText(text)) return false;
	if (!text.includes("+") && !text.includes("#")) return true;
	const levels = text.split("/");
	return levels.every((level, at) => {
		if (level === "+") return true;
		if (level === "#") return at === levels.length - 1;
		return !level.includes("+") && !level.includes("#");
	});
}

/** Says what is wrong with a filter, in words for a person; `undefined` when it is valid. */
export function whyNotFilter(text: string): string | undefined {
	if (isTopicFilter(text)) return undefined;
	if (text === "") return "a topic filter must not be empty";
	if (/(^|[^/])#|#./.test(text)) return "# must stand alone as the last level, as in home/#";
	if (/[^/]\+|\+[^/]/.test(text)) return "+ must stand alone between slashes, as in home/+/light";
	return "a topic filter must be at most 65535 bytes of text without NUL characters";
}

/**
 * Does the filter select the topic? Neither is checked: both must be valid.
 * A filter that starts with a wildcard does not select a topic that starts with `$`. [MQTT-4.7.2-1]
 */
export function matchesTopic(filter: string, topic: string): boolean {
	if (filter === topic) return true;
	if (topic.startsWith("$") && (filter.startsWith("+") || filter.startsWith("#"))) return false;
	let f = 0;
	let t = 0;
	for (;;) {
		if (filter.charCodeAt(f) === HASH) return true;
		const fEnd = levelEnd(filter, f);
		const tEnd = levelEnd(topic, t);
		const one = filter.charCodeAt(f) === PLUS && fEnd === f + 1;
		if (!one && (fEnd - f !== tEnd - t || filter.slice(f, fEnd) !== topic.slice(t, tEnd))) return false;
		if (tEnd === topic.length) {
			// `home/#` also selects `home` itself. [MQTT-4.7.1-2]
			return fEnd === filter.length || (fEnd === filter.length - 2 && filter.charCodeAt(fEnd + 1) === HASH);
		}
		if (fEnd === filter.length) return false;
		f = fEnd + 1;
		t = tEnd + 1;
	}
}

const HASH = 35;
const PLUS = 43;

function levelEnd(text: string, from: number): number {
	const slash = text.indexOf("/", from);
	return slash === -1 ? text.length : slash;
}

function isTopicText(text: string): boolean {
	return text !== "" && isMqttText(text);
}
