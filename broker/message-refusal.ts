/** The errors for messages that somebody in this process wants to publish, and that MQTT can't carry. */

import { FlowbrokerError } from "./errors";
import type { Message, MessageProperties } from "./message";
import { isMqttText, LONGEST_TEXT } from "./text";
import { isTopicName } from "./topic";
import { whyNotTopicName } from "./topic-refusal";

const HIGHEST_SECONDS = 0xffff_ffff;
const TEXT_RULE = `MQTT has texts of at most ${LONGEST_TEXT} bytes, without NUL and half characters`;

/**
 * A client disconnects that is sent what MQTT forbids: one bad message would be enough for all who subscribed to it.
 * @returns undefined for a message that may be published
 */
export function whyNotMessage({ topic, properties }: Message): FlowbrokerError | undefined {
	return whyNotTopicName(topic) ?? (properties && whyNotProperties(properties));
}

function whyNotProperties({
	responseTopic,
	contentType,
	correlationData,
	messageExpiryInterval: seconds,
	userProperties = {},
}: MessageProperties): FlowbrokerError | undefined {
	// [MQTT-3.3.2-14]
	if (responseTopic !== undefined && !isTopicName(responseTopic)) {
		return refusal("response topic", "it must be a topic, without + and #");
	}
	if (contentType !== undefined && !isMqttText(contentType)) return refusal("content type", TEXT_RULE);
	if (correlationData !== undefined && correlationData.length > LONGEST_TEXT) {
		return refusal("correlation data", `they must have at most ${LONGEST_TEXT} bytes`);
	}
	if (seconds !== undefined && !(Number.isInteger(seconds) && seconds >= 0 && seconds <= HIGHEST_SECONDS)) {
		return refusal("expiry", `it must be a whole number of seconds from 0 to ${HIGHEST_SECONDS}`);
	}
	const texts = Object.entries(userProperties).flat(2);
	return texts.every(isMqttText) ? undefined : refusal("user properties", TEXT_RULE);
}

function refusal(name: string, rule: string): FlowbrokerError {
	return new FlowbrokerError("PROPERTY_INVALID", `The message can't be published with this ${name}: ${rule}.`);
}
