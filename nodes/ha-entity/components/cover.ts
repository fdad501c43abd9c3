/** A cover: blind, shutter, awning, garage door. https://www.home-assistant.io/integrations/cover.mqtt/ */

import { type Component, objectOf, payloadInvalid, picked } from "./component";

const states = ["open", "opening", "closed", "closing", "stopped"];

export const cover: Component = {
	config: ({ state, set }) => ({
		state_topic: state,
		value_template: "{{ value_json.state }}",
		position_topic: state,
		position_template: "{{ value_json.position }}",
		command_topic: set,
		set_position_topic: `${set}/position`,
	}),
	state: (payload, before) => {
		const known = objectOf(before) ?? {};
		const number = typeof payload === "string" && payload.trim() !== "" ? Number(payload) : payload;
		if (typeof number === "number" && number >= 0 && number <= 100) {
			return { ...known, state: number === 0 ? "closed" : "open", position: number };
		}
		const word = typeof payload === "string" ? payload.toLowerCase() : undefined;
		if (word === "open" || word === "closed") return { ...known, state: word, position: word === "open" ? 100 : 0 };
		if (word && states.includes(word)) return { ...known, state: word };
		const object = objectOf(payload);
		if (object) return { ...known, ...picked(object, ["state", "position"]) };
		throw payloadInvalid(`a position from 0 (closed) to 100 (open), or one of ${states.join(", ")}`, payload);
	},
	command: (text, part) => (part === "position" ? { position: Number(text) } : text),
};
