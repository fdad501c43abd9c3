/** What is told of a connected client. */

import type { EngineClient } from "./engine/engine";
import { type ClientInfo, clientTraffic } from "./events";

export function clientInfo(client: EngineClient): ClientInfo {
	const { id, access, peer, protocolVersion, keepalive, clean, connectedAt } = client;
	const { address, listener } = peer;
	return {
		id,
		user: access.user,
		address,
		listener,
		protocolVersion,
		keepalive,
		clean,
		connectedAt,
		traffic: clientTraffic(client.traffic),
		subscriptions: client.subscriptions(),
	};
}
