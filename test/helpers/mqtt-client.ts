/** An MQTT.js client whose messages a test can wait for. */

import mqtt, { type IClientOptions, type IPublishPacket, type MqttClient } from "mqtt";
import { LookOut } from "./look-out";

export interface Received {
	readonly topic: string;
	readonly text: string;
	readonly qos: number;
	readonly retain: boolean;
	readonly packet: IPublishPacket;
}

export interface TestClient {
	readonly mqtt: MqttClient;
	/** What arrived so far, oldest first. */
	readonly received: Received[];
	/** Resolves with the first message, arrived already or not yet, that fits. */
	next(fits?: (message: Received) => boolean): Promise<Received>;
	/** Resolves when that many messages have arrived. */
	count(messages: number): Promise<Received[]>;
	/** Cuts the connection without DISCONNECT. */
	drop(): Promise<void>;
	/** Disconnects as MQTT says. */
	close(): Promise<void>;
}

/** Resolves when connected; rejects with the refusal. Never reconnects by itself. */
export async function connect(url: string, options: IClientOptions = {}): Promise<TestClient> {
	const client = mqtt.connect(url, { reconnectPeriod: 0, connectTimeout: 5_000, ...options });
	const received: Received[] = [];
	const lookOut = new LookOut();
	client.on("message", (topic, payload, packet) => {
		received.push({ topic, text: payload.toString(), qos: packet.qos, retain: packet.retain, packet });
		lookOut.changed();
	});
	await new Promise<void>((resolve, reject) => {
		client.once("connect", () => resolve());
		client.once("error", reject);
		client.once("close", () => reject(new Error("closed before CONNACK")));
	});
	client.on("error", () => {});

	const until = <T>(look: () => T | undefined): Promise<T> => lookOut.until(look);

	return {
		mqtt: client,
		received,
		next: (fits = () => true) => until(() => received.find(fits)),
		count: (messages) => until(() => (received.length >= messages ? received : undefined)),
		drop: async () => {
			const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
			client.stream.destroy();
			await closed;
			client.end(true);
		},
		close: async () => {
			await client.endAsync();
		},
	};
}
