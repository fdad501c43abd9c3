/** The topics of an entity and of its device. */

import type { EntitySettings } from "./entity-settings";

export interface EntityTopics {
	/** Retained state, as text or JSON. */
	readonly state: string;
	/** Commands; those for a part of the entity have one more level: `.../set/position`. */
	readonly set: string;
	/** Further values that Home Assistant shows with the entity. */
	readonly attributes: string;
	/** Where a device trigger speaks. */
	readonly trigger: string;
}

export interface DeviceTopics {
	/** The discovery message of the whole device. */
	readonly config: string;
	/** `online` or `offline`, retained. */
	readonly availability: string;
	/** Home Assistant says `online` here when it has started. */
	readonly birth: string;
}

export function entityTopics({ base, device, objectId }: EntitySettings): EntityTopics {
	const own = `${base}/${device.id}/${objectId}`;
	return { state: `${own}/state`, set: `${own}/set`, attributes: `${own}/attributes`, trigger: `${own}/trigger` };
}

export function deviceTopics({ base, device, discoveryPrefix }: EntitySettings): DeviceTopics {
	return {
		config: `${discoveryPrefix}/device/${device.id}/config`,
		availability: `${base}/${device.id}/availability`,
		birth: `${discoveryPrefix}/status`,
	};
}
