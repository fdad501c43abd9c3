/** Reads the properties of a Home Assistant entity once, so that everything behind can trust them. */

import { FlowbrokerError, isTopicName } from "../../broker";
import { flagOf, textOf } from "../values";
import { type HaComponent, type HaEntityProperties, haComponents, haEntityDefaults } from "./properties";

export interface EntitySettings {
	readonly component: HaComponent;
	/** `undefined`: the entity has the name of its device. */
	readonly name: string | undefined;
	readonly device: { readonly id: string; readonly name: string; readonly area: string | undefined };
	readonly objectId: string;
	readonly trigger: { readonly type: string; readonly subtype: string };
	/** Settings under Home Assistant's names, as they go into the discovery message. */
	readonly options: Readonly<Record<string, unknown>>;
	readonly echo: boolean;
	readonly discoveryPrefix: string;
	readonly base: string;
}

type Raw = { readonly [property in keyof HaEntityProperties]?: unknown };

/** @throws FlowbrokerError OPTION_INVALID, naming the field of the form */
export function entitySettings(raw: Raw): EntitySettings {
	const component = haComponents.find((known) => known === (raw.component ?? haEntityDefaults.component));
	if (!component) throw invalid("component", `must be one of ${haComponents.join(", ")}`);
	const deviceName = textOf(raw.device);
	if (!deviceName) throw invalid("device", "must not be empty: every entity belongs to a device");
	const name = textOf(raw.name);
	const deviceId = idOf("device id", textOf(raw.deviceId) ?? slug(deviceName));
	const objectId = idOf("entity id", textOf(raw.objectId) ?? slug(name ?? component));
	return {
		component,
		name,
		device: { id: deviceId, name: deviceName, area: textOf(raw.area) },
		objectId,
		trigger: {
			type: textOf(raw.triggerType) ?? haEntityDefaults.triggerType,
			subtype: textOf(raw.triggerSubtype) ?? haEntityDefaults.triggerSubtype,
		},
		options: optionsOf(raw),
		echo: flagOf(raw.echo) ?? haEntityDefaults.echo,
		discoveryPrefix: prefixOf("discovery prefix", raw.discoveryPrefix, haEntityDefaults.discoveryPrefix),
		base: prefixOf("topics under", raw.base, haEntityDefaults.base),
	};
}

/** `Küche, Süd` becomes `kuche_sud`: what Home Assistant allows in a discovery topic. */
export function slug(name: string): string {
	const plain = name.normalize("NFKD").replace(/\p{Mark}/gu, "");
	return plain
		.toLowerCase()
		.replace(/[^a-z0-9]+/g, "_")
		.replace(/^_+|_+$/g, "");
}

/** "must only consist of characters from the character class [a-zA-Z0-9_-]": Home Assistant's MQTT page, discovery topic. */
function idOf(field: string, id: string): string {
	if (/^[a-zA-Z0-9_-]+$/.test(id)) return id;
	throw invalid(field, `may have only letters a to z, digits, _ and -; it is "${id}". Enter one that fits`);
}

function prefixOf(field: string, value: unknown, usual: string): string {
	const prefix = textOf(value) ?? usual;
	if (isTopicName(prefix) && !prefix.endsWith("/")) return prefix;
	throw invalid(field, `must be a topic without wildcards and without / at its end; it is "${prefix}"`);
}

function optionsOf(raw: Raw): Record<string, unknown> {
	const chosen = {
		device_class: textOf(raw.deviceClass),
		unit_of_measurement: textOf(raw.unit),
		icon: textOf(raw.haIcon),
	};
	const set = Object.entries(chosen).filter(([, value]) => value !== undefined);
	return { ...Object.fromEntries(set), ...moreOptions(textOf(raw.options)) };
}

function moreOptions(text: string | undefined): object {
	if (text === undefined || text.trim() === "") return {};
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (error) {
		throw invalid("more settings", 'must be a JSON object, as in {"min": 5}', error);
	}
	if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
	throw invalid("more settings", 'must be a JSON object, as in {"min": 5}');
}

function invalid(field: string, problem: string, cause?: unknown): FlowbrokerError {
	return new FlowbrokerError(
		"OPTION_INVALID",
		`The field "${field}" of the Home Assistant entity ${problem}. Open the node and correct it.`,
		cause,
	);
}
