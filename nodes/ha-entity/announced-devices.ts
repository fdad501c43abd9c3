/** The devices of all brokers, by the nodes that belong to them. They outlive nodes: a deploy makes those anew. */

import type { FlowbrokerError } from "../../broker";
import { AnnouncedDevice } from "./announced-device";
import type { EntitySettings } from "./entity-settings";

export class AnnouncedDevices {
	readonly #devices = new Map<string, AnnouncedDevice>();
	/** Node id -> what it was when it was last made. */
	readonly #places = new Map<string, { readonly device: string; readonly objectId: string }>();

	/** A node is made, or made anew after a deploy. An entity that it was before, and is no more, is taken back. */
	join(
		node: string,
		broker: string,
		entity: EntitySettings,
		report: (error: FlowbrokerError) => void,
	): AnnouncedDevice {
		const key = JSON.stringify([broker, entity.discoveryPrefix, entity.base, entity.device.id]);
		const before = this.#places.get(node);
		if (before && (before.device !== key || before.objectId !== entity.objectId)) void this.remove(node);
		const device = this.#devices.get(key) ?? new AnnouncedDevice(entity);
		this.#devices.set(key, device);
		this.#places.set(node, { device: key, objectId: entity.objectId });
		device.add(node, entity, report);
		return device;
	}

	/** The node is gone for good. */
	async remove(node: string): Promise<void> {
		const place = this.#places.get(node);
		if (!place) return;
		this.#places.delete(node);
		const device = this.#devices.get(place.device);
		if (!device) return;
		const removed = device.remove(node);
		if (device.isEmpty) this.#devices.delete(place.device);
		await removed;
	}
}
