/** A light, in Home Assistant's JSON schema: https://www.home-assistant.io/integrations/light.mqtt/#json-schema */

import { type Component, objectOf, onOrOff, payloadInvalid, picked } from "./component";

/** What of a light's state Home Assistant reads. Zigbee2MQTT uses the same names. */
const values = ["brightness", "color_mode", "color_temp", "color", "effect"];

export const light: Component = {
	config: ({ state, set }) => ({
		schema: "json",
		state_topic: state,
		command_topic: set,
		brightness: true,
		supported_color_modes: ["brightness"],
	}),
	state: (payload, before) => {
		const object = objectOf(payload);
		const known = { state: "OFF", ...objectOf(before) };
		if (!object) {
			const state = onOrOff(payload);
			if (state) return { ...known, state };
			throw payloadInvalid('true or false, ON or OFF, or an object as {"state": "ON", "brightness": 128}', payload);
		}
		const state = object.state === undefined ? (object.brightness ? "ON" : known.state) : onOrOff(object.state);
		if (state) return { ...known, ...picked(object, values), state };
		throw payloadInvalid("ON or OFF in its property state", payload);
	},
	command: (text) => JSON.parse(text) as unknown,
};
