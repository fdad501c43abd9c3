/** What MQTT takes for a text: a pure function. */

/** The most bytes of UTF-8 that the two length bytes before a text allow. */
export const LONGEST_TEXT = 65_535;

/** Neither NUL nor half a character, which UTF-8 does not have. [MQTT-1.5.4-1] [MQTT-1.5.4-2] */
export function isMqttText(text: string): boolean {
	if (text.includes("\0") || /\p{Surrogate}/u.test(text)) return false;
	return text.length <= LONGEST_TEXT / 4 || Buffer.byteLength(text) <= LONGEST_TEXT;
}
