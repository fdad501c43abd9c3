/** Message expiry: a stored message carries the moment, a delivered one the seconds that are left. [MQTT-3.3.2-6] */

import type { Message } from "../message";
import type { StoredMessage } from "./store";

export function isExpired({ expiresAt }: StoredMessage, now: number): boolean {
	return expiresAt !== undefined && expiresAt <= now;
}

/** The message as it is to be delivered. @param now milliseconds since 1970 */
export function withTimeLeft({ expiresAt, ...message }: StoredMessage, now: number): Message {
	if (expiresAt === undefined) return message;
	// One that was sent before its time was over may be sent again after it.
	const messageExpiryInterval = Math.max(0, Math.ceil((expiresAt - now) / 1_000));
	return { ...message, properties: { ...message.properties, messageExpiryInterval } };
}
