/** Heating and air conditioning: https://www.home-assistant.io/integrations/climate.mqtt/ */

import { type Component, objectOf, payloadInvalid, picked } from "./component";

const values = ["mode", "temperature", "current_temperature", "action"];

/** A flow may also call them as ESPHome and many thermostats do. */
const otherNames: Readonly<Record<string, string>> = {
	target: "temperature",
	target_temperature: "temperature",
	current: "current_temperature",
	local_temperature: "current_temperature",
	current_heating_setpoint: "temperature",
	system_mode: "mode",
};

export const climate: Component = {
	config: ({ state, set }) => ({
		modes: ["off", "heat"],
		mode_state_topic: state,
		mode_state_template: "{{ value_json.mode }}",
		mode_command_topic: `${set}/mode`,
		temperature_state_topic: state,
		temperature_state_template: "{{ value_json.temperature }}",
		temperature_command_topic: `${set}/temperature`,
		current_temperature_topic: state,
		current_temperature_template: "{{ value_json.current_temperature }}",
		action_topic: state,
		action_template: "{{ value_json.action }}",
		temp_step: 0.5,
	}),
	state: (payload, before) => {
		const object = objectOf(payload);
		if (!object) throw payloadInvalid('an object as {"mode": "heat", "temperature": 21}', payload);
		const renamed = Object.entries(object).map(([name, value]) => [otherNames[name] ?? name, value]);
		return { ...objectOf(before), ...picked(Object.fromEntries(renamed), values) };
	},
	command: (text, part) => (part === "temperature" ? { temperature: Number(text) } : { mode: text }),
};
