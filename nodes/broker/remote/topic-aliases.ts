/** Writes the topic into messages that came with an alias only. */

import type { Packet } from "mqtt";

/**
 * MQTT.js finds the topic of an alias, but forgets it again for messages with QoS 2. Here it is written into the packet
 * before MQTT.js looks at it.
 */
export class TopicAliases {
	readonly #topics = new Map<number, string>();

	/** @param packet as it was received */
	resolve(packet: Packet): void {
		if (packet.cmd !== "publish") return;
		const alias = packet.properties?.topicAlias;
		if (alias === undefined) return;
		if (packet.topic) this.#topics.set(alias, packet.topic);
		else packet.topic = this.#topics.get(alias) ?? "";
	}

	/** An alias ends with its connection. */
	clear(): void {
		this.#topics.clear();
	}
}
