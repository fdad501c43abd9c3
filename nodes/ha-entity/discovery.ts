/**
 * The discovery message of a device with all its entities:
 * https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload
 */

import type { Presence } from "../broker-node";
import { components } from "./components";
import type { EntitySettings } from "./entity-settings";
import { deviceTopics, entityTopics } from "./topics";

/** How Home Assistant's log names us, and how we know our own discovery messages. */
export const ORIGIN = "flowbroker";

export interface DeviceContents {
	/** All entities of the device; at least one. */
	readonly entities: readonly EntitySettings[];
	/** Entities that are gone: object id -> component. */
	readonly gone: ReadonlyMap<string, string>;
	/** The birth and will messages of a connection to another broker. */
	readonly presence: Presence | undefined;
}

export function discoveryMessage({ entities, gone, presence }: DeviceContents): object {
	const [first] = entities;
	if (!first) throw new Error("a device has at least one entity");
	const { device } = first;
	const area = entities.map((entity) => entity.device.area).find((name) => name !== undefined);
	const own = { topic: deviceTopics(first).availability };
	const connection = presence && {
		topic: presence.topic,
		payload_available: presence.online,
		payload_not_available: presence.offline,
	};
	return {
		device: { identifiers: [device.id], name: device.name, ...(area !== undefined && { suggested_area: area }) },
		origin: { name: ORIGIN, support_url: "https://github.com/flowbroker/node-red" },
		availability: connection ? [own, connection] : [own],
		...(connection && { availability_mode: "all" }),
		qos: 1,
		components: {
			...Object.fromEntries(entities.map((entity) => [entity.objectId, componentOf(entity)])),
			// "An empty config can be published as an update to remove a single component": only its platform is left.
			...Object.fromEntries([...gone].map(([objectId, platform]) => [objectId, { platform }])),
		},
	};
}

function componentOf(entity: EntitySettings): object {
	const topics = entityTopics(entity);
	const platform = entity.component;
	const config = { platform, ...components[platform].config(topics, entity), ...entity.options };
	// A trigger is no entity: it has no name, no unique id and no attributes.
	if (platform === "device_automation") return config;
	return {
		...config,
		unique_id: `${entity.device.id}_${entity.objectId}`,
		name: entity.name ?? null,
		json_attributes_topic: topics.attributes,
	};
}
