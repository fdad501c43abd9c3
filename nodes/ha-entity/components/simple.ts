/** Entities with one value: sensors, switches, numbers, buttons and device triggers. */

import { type Component, onOrOff, payloadInvalid } from "./component";

function switched(payload: unknown): "ON" | "OFF" {
	const state = onOrOff(payload);
	if (state) return state;
	throw payloadInvalid("true or false, or the words ON or OFF", payload);
}

/** https://www.home-assistant.io/integrations/binary_sensor.mqtt/ */
export const binarySensor: Component = {
	config: ({ state }) => ({ state_topic: state }),
	state: switched,
};

/** https://www.home-assistant.io/integrations/switch.mqtt/ */
export const switchComponent: Component = {
	config: ({ state, set }) => ({ state_topic: state, command_topic: set }),
	state: switched,
	command: (text) => text,
};

/** https://www.home-assistant.io/integrations/sensor.mqtt/ */
export const sensor: Component = {
	config: ({ state }) => ({ state_topic: state }),
	state: (payload) => {
		if (typeof payload === "number" || typeof payload === "string") return payload;
		if (typeof payload === "boolean") return String(payload);
		throw payloadInvalid("a number or a text", payload);
	},
};

/** https://www.home-assistant.io/integrations/number.mqtt/ */
export const number: Component = {
	config: ({ state, set }) => ({ state_topic: state, command_topic: set }),
	state: (payload) => {
		const value = typeof payload === "string" && payload.trim() !== "" ? Number(payload) : payload;
		if (typeof value === "number" && Number.isFinite(value)) return value;
		throw payloadInvalid("a number", payload);
	},
	command: Number,
};

/** https://www.home-assistant.io/integrations/button.mqtt/ */
export const button: Component = {
	config: ({ set }) => ({ command_topic: set }),
	command: (text) => text,
};

/** https://www.home-assistant.io/integrations/device_trigger.mqtt/: an event, no state. */
export const deviceTrigger: Component = {
	config: ({ trigger }, settings) => ({
		automation_type: "trigger",
		type: settings.trigger.type,
		subtype: settings.trigger.subtype,
		topic: trigger,
		payload: settings.trigger.type,
	}),
};
