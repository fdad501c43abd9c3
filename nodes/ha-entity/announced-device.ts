/** A device as Home Assistant knows it: announces its entities, says that it is available, and takes back what is gone. */

import type { FlowbrokerError, Message } from "../../broker";
import type { Presence } from "../broker-node";
import type { FlowClient, FlowSubscription } from "../flow-client";
import { discoveryMessage, ORIGIN } from "./discovery";
import type { EntitySettings } from "./entity-settings";
import { type DeviceTopics, deviceTopics, entityTopics } from "./topics";

/**
 * Milliseconds from subscribing to the first announcement: time for the discovery message of an earlier run to arrive,
 * for afterwards it is replaced. MQTT does not tell when all retained messages have come.
 */
const LISTENING = 200;

export class AnnouncedDevice {
	readonly #topics: DeviceTopics;
	readonly #entities = new Map<string, EntitySettings>();
	/** Entities that Home Assistant may still have: object id -> component. */
	readonly #gone = new Map<string, string>();
	/** Of the node that was made last: earlier ones may be closed. */
	#report: (error: FlowbrokerError) => void = () => {};
	#client: FlowClient | undefined;
	#presence: Presence | undefined;
	#subscriptions: FlowSubscription[] = [];
	#announcing: NodeJS.Immediate | undefined;
	#listening: NodeJS.Timeout | undefined;

	/** @param any one of its entities */
	constructor(any: EntitySettings) {
		this.#topics = deviceTopics(any);
	}

	get isEmpty(): boolean {
		return this.#entities.size === 0;
	}

	/** @param node the id of the entity's node */
	add(node: string, entity: EntitySettings, report: (error: FlowbrokerError) => void): void {
		this.#report = report;
		this.#entities.set(node, entity);
		this.#gone.delete(entity.objectId);
		this.#announceSoon();
	}

	/** The entity's node was deleted: Home Assistant forgets the entity, and with the last one the device. */
	async remove(node: string): Promise<void> {
		const entity = this.#entities.get(node);
		if (!entity) return;
		this.#entities.delete(node);
		const { state, attributes } = entityTopics(entity);
		await Promise.all([this.#retain(state, ""), this.#retain(attributes, "")]);
		if (this.isEmpty) {
			clearImmediate(this.#announcing);
			clearTimeout(this.#listening);
			await Promise.all([this.#retain(this.#topics.config, ""), this.#retain(this.#topics.availability, "")]);
			this.#unsubscribe();
		} else {
			this.#gone.set(entity.objectId, entity.component);
			this.#announceSoon();
		}
	}

	/** The entity's node stops for now: what is known of it stays. */
	async pause(): Promise<void> {
		await this.#retain(this.#topics.availability, "offline");
	}

	attach(client: FlowClient | undefined, presence: Presence | undefined): void {
		this.#presence = presence;
		if (client === this.#client) return;
		this.#unsubscribe();
		clearTimeout(this.#listening);
		this.#listening = undefined;
		this.#client = client;
		if (!client) return;
		const birth = client.subscribe([this.#topics.birth], { qos: 1 }, ({ payload }) => {
			// Home Assistant has started, and asks everybody to introduce himself.
			if (payload.toString() === "online") this.#announceSoon();
		});
		const config = client.subscribe([this.#topics.config], { qos: 1 }, ({ retain, payload }) => {
			if (retain) this.#compare(payload.toString());
		});
		this.#subscriptions = [birth, config];
		this.#listening = setTimeout(() => {
			this.#listening = undefined;
			this.#announceSoon();
		}, LISTENING);
	}

	/** An earlier run may have announced entities that the flow does not have any more. */
	#compare(text: string): void {
		for (const [objectId, component] of componentsIn(text)) {
			if ([...this.#entities.values()].some((entity) => entity.objectId === objectId)) continue;
			this.#gone.set(objectId, component);
			this.#announceSoon();
		}
	}

	/** Nodes are made one after the other: one message is enough for all of them. */
	#announceSoon(): void {
		if (!this.#client || this.#listening) return;
		this.#announcing ??= setImmediate(() => {
			this.#announcing = undefined;
			void this.#announce();
		});
	}

	async #announce(): Promise<void> {
		if (!this.#client || this.isEmpty) return;
		const entities = [...this.#entities.values()];
		const gone = new Map(this.#gone);
		this.#gone.clear();
		const describe = (left: ReadonlyMap<string, string>) =>
			JSON.stringify(discoveryMessage({ entities, gone: left, presence: this.#presence }));
		await this.#retain(this.#topics.config, describe(gone));
		// "After removing a component, you should send another update with the removed component omitted."
		if (gone.size > 0) await this.#retain(this.#topics.config, describe(new Map()));
		await this.#retain(this.#topics.availability, "online");
	}

	#retain(topic: string, text: string): Promise<void> {
		const message: Message = { topic, payload: Buffer.from(text), qos: 1, retain: true };
		return new Promise((resolve) => {
			if (!this.#client) return resolve();
			this.#client.publish(message, (error) => {
				if (error) this.#report(error);
				resolve();
			});
		});
	}

	#unsubscribe(): void {
		for (const subscription of this.#subscriptions) subscription.close();
		this.#subscriptions = [];
	}
}

/** Object id -> component of a discovery message that is ours. */
function componentsIn(text: string): Array<[string, string]> {
	try {
		const { origin, components } = JSON.parse(text) as { origin?: { name?: unknown }; components?: object };
		if (origin?.name !== ORIGIN) return [];
		return Object.entries(components ?? {}).flatMap(([objectId, component]): Array<[string, string]> => {
			const platform = (component as { platform?: unknown } | null)?.platform;
			return typeof platform === "string" ? [[objectId, platform]] : [];
		});
	} catch {
		// Not a discovery message: ours replaces it.
		return [];
	}
}
