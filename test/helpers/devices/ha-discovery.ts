/**
 * Reads discovery messages as Home Assistant does, strictly: what it would not accept is an error.
 * https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery
 */

type Json = Record<string, unknown>;

/** A few of the abbreviations, as far as the flows and devices here use them. */
const abbreviations: Readonly<Record<string, string>> = {
	dev: "device",
	o: "origin",
	cmps: "components",
	p: "platform",
	ids: "identifiers",
	uniq_id: "unique_id",
	stat_t: "state_topic",
	cmd_t: "command_topic",
	avty: "availability",
	avty_t: "availability_topic",
	t: "topic",
};

export interface Discovered {
	readonly platform: string;
	/** Settings shared by the device are in it. */
	readonly config: Json;
}

export interface DiscoveredDevice {
	readonly device: Json;
	/** Key of the component -> what it is; undefined for one that is removed. */
	readonly components: ReadonlyMap<string, Discovered | undefined>;
}

/** @throws with the sentence of what Home Assistant does not accept */
export function readDeviceDiscovery(text: string): DiscoveredDevice {
	const { device, origin, components, ...shared } = expand(JSON.parse(text) as Json);
	const about = expand(device as Json | undefined);
	if (!about.identifiers && !about.connections) throw new Error("a device needs identifiers or connections");
	if (typeof expand(origin as Json | undefined).name !== "string") throw new Error("device discovery needs an origin");
	const found = new Map<string, Discovered | undefined>();
	for (const [key, value] of Object.entries((components ?? {}) as Record<string, Json>)) {
		if (!/^[a-zA-Z0-9_-]+$/.test(key)) throw new Error(`${key} can't be the key of a component`);
		const { platform, ...own } = expand(value);
		if (typeof platform !== "string") throw new Error(`the component ${key} has no platform`);
		found.set(key, Object.keys(own).length === 0 ? undefined : checked(platform, key, { ...shared, ...own }));
	}
	return { device: about, components: found };
}

/** What the pages of the platforms mark as required. */
const required: Readonly<Record<string, readonly string[]>> = {
	binary_sensor: ["state_topic", "unique_id"],
	button: ["command_topic", "unique_id"],
	climate: ["unique_id"],
	cover: ["unique_id"],
	device_automation: ["automation_type", "topic", "type", "subtype"],
	light: ["command_topic", "unique_id"],
	number: ["command_topic", "unique_id"],
	sensor: ["state_topic", "unique_id"],
	switch: ["command_topic", "unique_id"],
};

function checked(platform: string, key: string, config: Json): Discovered {
	const needed = required[platform];
	if (!needed) throw new Error(`${platform} is no platform that is known here`);
	for (const name of needed) if (config[name] === undefined) throw new Error(`${key} (${platform}) has no ${name}`);
	return { platform, config };
}

function expand(from: Json | undefined): Json {
	return Object.fromEntries(Object.entries(from ?? {}).map(([name, value]) => [abbreviations[name] ?? name, value]));
}
