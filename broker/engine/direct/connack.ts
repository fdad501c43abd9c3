/** What CONNACK tells an MQTT 5 client about this broker, and about what it asked for. */

import type { LimitOptions } from "../../limits";
import type { ConnectPacket, PropertyValues } from "../../wire";
import type { ClientTerms } from "./client";

/** Topic aliases that a client may use. */
export const TOPIC_ALIASES = 100;

export function connackProperties(
	{ clientId: asked, keepAlive, properties }: ConnectPacket,
	clientId: string,
	terms: ClientTerms,
	expiry: number,
	limits: LimitOptions,
): PropertyValues {
	const told: PropertyValues = {
		receiveMaximum: limits.unreleased,
		maximumPacketSize: limits.packetSize,
		topicAliasMaximum: TOPIC_ALIASES,
	};
	if (expiry !== (properties.sessionExpiryInterval ?? 0)) told.sessionExpiryInterval = expiry;
	if (asked === "") told.assignedClientIdentifier = clientId;
	if (terms.keepalive !== keepAlive) told.serverKeepAlive = terms.keepalive;
	if (properties.requestResponseInformation && !/[+#]/.test(clientId))
		told.responseInformation = `response/${clientId}`;
	return told;
}
