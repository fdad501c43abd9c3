/** The network half of a simulated device: a real MQTT client over TCP with a last will, that comes back when it was cut off. */

import type { Socket } from "node:net";
import mqtt, { type IClientOptions, type IPublishPacket, type MqttClient } from "mqtt";
import { LookOut } from "../look-out";

/** Where a device connects, and what time it thinks it is. */
export interface DevicePlace {
	readonly url: string;
	readonly username?: string;
	readonly password?: string;
	/** The device's clock; the real one where it is left out. */
	readonly now?: () => Date;
}

export interface DeviceBehaviour {
	readonly clientId: string;
	readonly will: {
		readonly topic: string;
		readonly payload: string;
		readonly retain: boolean;
		readonly qos?: 0 | 1 | 2;
	};
	/** 3.1.1 where it is left out, as most devices speak it. */
	readonly protocolVersion?: 4 | 5;
	readonly subscriptions: readonly string[];
	/** Called whenever the device is connected and subscribed: what it tells then. */
	greet(): void;
	receive(topic: string, text: string, packet: IPublishPacket): void;
}

/** Milliseconds after which a device that was cut off tries again: short, for tests should not wait. */
const RECONNECT = 40;

export class DeviceConnection {
	readonly place: DevicePlace;
	readonly #behaviour: DeviceBehaviour;
	readonly #lookOut = new LookOut();
	readonly #sending = new Set<Promise<unknown>>();
	#client: MqttClient | undefined;
	#ready = false;

	constructor(place: DevicePlace, behaviour: DeviceBehaviour) {
		this.place = place;
		this.#behaviour = behaviour;
	}

	get now(): Date {
		return this.place.now?.() ?? new Date();
	}

	/** Connected and subscribed. */
	get ready(): boolean {
		return this.#ready;
	}

	/** Started, and neither stopped nor vanished: it is connected, or tries to be. */
	get running(): boolean {
		return this.#client !== undefined;
	}

	/** Resolves when the device is connected for the first time. */
	async start(): Promise<void> {
		const { will, clientId, protocolVersion = 4 } = this.#behaviour;
		const { url, username, password } = this.place;
		const options: IClientOptions = {
			clientId,
			protocolVersion,
			reconnectPeriod: RECONNECT,
			resubscribe: false,
			will: { qos: 1, ...will, payload: Buffer.from(will.payload) },
			...(username !== undefined && { username }),
			...(password !== undefined && { password }),
		};
		const client = mqtt.connect(url, options);
		this.#client = client;
		client.on("error", () => {});
		client.on("message", (topic, payload, packet) => this.#behaviour.receive(topic, payload.toString(), packet));
		client.on("connect", () => this.#connected(client));
		client.on("close", () => this.#setReady(false));
		await this.back();
	}

	/** Resolves when the device is connected: at once, or when it is back. */
	async back(): Promise<void> {
		await this.#lookOut.until(() => this.#ready || undefined);
	}

	/** A device that has no connection drops what it has to say, as small ones do. */
	publish(topic: string, payload: unknown, { retain = false, qos = 0 as 0 | 1 | 2 } = {}): void {
		if (!this.#client?.connected) return;
		const text = typeof payload === "string" ? payload : JSON.stringify(payload);
		const sending = this.#client.publishAsync(topic, text, { retain, qos }).catch(() => {});
		this.#sending.add(sending);
		void sending.then(() => this.#sending.delete(sending));
	}

	/** Resolves when everything that was published has left, and with QoS 1 and 2 was acknowledged. */
	async idle(): Promise<void> {
		await Promise.all(this.#sending);
	}

	/** Cuts the connection without DISCONNECT: the will speaks. The device comes back by itself. */
	drop(): void {
		this.#setReady(false);
		this.#client?.stream.destroy();
	}

	/** For good, without DISCONNECT: somebody pulled the plug. */
	async vanish(): Promise<void> {
		await this.#end(true);
	}

	/** Disconnects as MQTT says: the will does not speak. */
	async stop(): Promise<void> {
		await this.#end(false);
	}

	async #end(forced: boolean): Promise<void> {
		const client = this.#client;
		this.#client = undefined;
		this.#setReady(false);
		if (!client) return;
		if (forced) client.stream.destroy();
		await client.endAsync(forced);
	}

	#connected(client: MqttClient): void {
		(client.stream as Socket).setNoDelay(true);
		const filters = [...this.#behaviour.subscriptions];
		const greet = () => {
			this.#behaviour.greet();
			this.#setReady(true);
		};
		if (filters.length === 0) greet();
		else client.subscribeAsync(filters, { qos: 1 }).then(greet, () => {});
	}

	#setReady(ready: boolean): void {
		this.#ready = ready;
		this.#lookOut.changed();
	}
}
