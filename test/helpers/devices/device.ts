/** What all simulated devices have in common, whatever they speak. */

import { type DeviceBehaviour, DeviceConnection, type DevicePlace } from "./device-connection";

/** A device: a subclass says what it publishes and what it obeys. */
export abstract class Device {
	readonly id: string;
	readonly connection: DeviceConnection;

	/** @param id also its client id */
	constructor(id: string, place: DevicePlace, will: DeviceBehaviour["will"], subscriptions: readonly string[]) {
		this.id = id;
		this.connection = new DeviceConnection(place, {
			clientId: id,
			will,
			subscriptions,
			greet: () => this.greet(),
			receive: (topic, text) => this.obey(topic, text),
		});
	}

	start(): Promise<void> {
		return this.connection.start();
	}

	stop(): Promise<void> {
		return this.connection.stop();
	}

	/** What it says when it is connected. */
	protected abstract greet(): void;
	/** What it does on a message. */
	protected abstract obey(topic: string, text: string): void;
}

/** A JSON object, or undefined for everything else: devices ignore what they can't read. */
export function jsonOf(text: string): Record<string, unknown> | undefined {
	try {
		const value: unknown = JSON.parse(text);
		return typeof value === "object" && value !== null && !Array.isArray(value)
			? (value as Record<string, unknown>)
			: undefined;
	} catch {
		return undefined;
	}
}
