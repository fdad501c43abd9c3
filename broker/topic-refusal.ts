/** The errors for topics and topic filters that somebody in this process wants to use, and that MQTT does not have. */

import { FlowbrokerError } from "./errors";
import { isTopicName, whyNotFilter } from "./topic";

/** Characters of a topic that an error shows. */
const SHOWN = 80;

/** @returns undefined for a topic that may be published to */
export function whyNotTopicName(topic: string): FlowbrokerError | undefined {
	if (isTopicName(topic)) return undefined;
	const rule = /^$|[+#]/.test(topic)
		? "it must not be empty and not contain + or #"
		: "it must be at most 65535 bytes of text without NUL characters";
	const sentence = `"${topic.slice(0, SHOWN)}" is no topic that can be published to: ${rule}.`;
	return new FlowbrokerError("TOPIC_INVALID", sentence);
}

/** @throws FlowbrokerError FILTER_INVALID for a filter that can't be subscribed to */
export function checkFilter(filter: string): void {
	const problem = whyNotFilter(filter);
	if (!problem) return;
	throw new FlowbrokerError("FILTER_INVALID", `"${filter.slice(0, SHOWN)}" cannot be subscribed to: ${problem}.`);
}
