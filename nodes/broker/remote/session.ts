/** A connection that stands, as those who publish and subscribe see it. */

import type { MqttClient } from "mqtt";
import type { ServerLimits } from "./server-limits";

export interface Session {
	readonly mqtt: MqttClient;
	readonly protocolVersion: 3 | 4 | 5;
	/** The broker has kept subscriptions and messages of an earlier connection. */
	readonly resumed: boolean;
	/** The broker will keep them. */
	readonly lasting: boolean;
	/** The broker tells by which subscription a message comes. */
	readonly identifiers: boolean;
	readonly limits: ServerLimits;
}
