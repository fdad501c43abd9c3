/** What a flow file stores for the Home Assistant entity: pure, used by both halves of the node. */

/** The type as it stands in a flow file. */
export const haEntityType = "flowbroker-ha-entity";

/** Home Assistant's names for kinds of entities; a device trigger is called `device_automation` in discovery. */
export const haComponents = [
	"binary_sensor",
	"button",
	"climate",
	"cover",
	"device_automation",
	"light",
	"number",
	"sensor",
	"switch",
] as const;
export type HaComponent = (typeof haComponents)[number];

export interface HaEntityProperties {
	/** Name of the entity; empty for one that has the name of its device. */
	name: string;
	/** Id of the config node. */
	broker: string;
	component: HaComponent;
	/** Name of the device that the entity belongs to. Entities of the same device belong together. */
	device: string;
	/** Ids in topics and in Home Assistant; empty for the names in lower case. */
	deviceId: string;
	objectId: string;
	/** The room that Home Assistant suggests for the device. */
	area: string;
	deviceClass: string;
	unit: string;
	haIcon: string;
	/** For a device trigger: what happened, and where on the device. */
	triggerType: string;
	triggerSubtype: string;
	/** A JSON object as text: further settings of the entity under Home Assistant's names. */
	options: string;
	/** A command becomes the state at once: nothing else tells it. */
	echo: boolean;
	/** First level of the discovery topic. */
	discoveryPrefix: string;
	/** First level of the entity's own topics. */
	base: string;
}

export const haEntityDefaults = {
	name: "",
	broker: "",
	component: "sensor",
	device: "",
	deviceId: "",
	objectId: "",
	area: "",
	deviceClass: "",
	unit: "",
	haIcon: "",
	triggerType: "button_short_press",
	triggerSubtype: "button_1",
	options: "",
	echo: false,
	discoveryPrefix: "homeassistant",
	base: "flowbroker",
} as const satisfies HaEntityProperties;
