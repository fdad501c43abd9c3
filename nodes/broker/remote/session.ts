/** What the outbox needs of MQTT.js, or of what stands in for it. */
export interface Publisher {
	publish(
		topic: string,
		payload: Buffer,
		options: Pick<Message, "qos" | "retain" | "properties">,
		done: (error: (Error & { code?: unknown }) | null | undefined, packet?: Packet) => void,
	): unknown;
}

/** What the outbox needs of a connection. */
export interface Outlet {
	readonly mqtt: Publisher;
	readonly limits: ServerLimits;
}

/** A connection that stands, as those who publish and subscribe see it. */

import type { MqttClient, Packet } from "mqtt";
import type { Message } from "../../../broker";
import type { ServerLimits } from "./server-limits";

export interface Session extends Outlet {
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
