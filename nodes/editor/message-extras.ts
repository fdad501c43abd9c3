/** What MQTT 5 adds to birth, close and will message: several fields of the form that are stored as one object. */

import { field } from "./form";

const messages = ["birthMsg", "closeMsg", "willMsg"] as const;
const extras = ["contentType", "userProps", "respTopic", "correl", "expiry", "delay"] as const;

/** The part of a node that is looked at here. */
export type Extras = {
	[message in (typeof messages)[number]]?: { readonly [name in (typeof extras)[number]]?: unknown };
};

export function fillExtras(node: Extras): void {
	for (const message of messages) {
		for (const name of extras) {
			const input = inputOf(message, name);
			if (input) input.value = String(node[message]?.[name] ?? "");
		}
	}
}

/** Empty fields are not stored. */
export function takeExtras(node: Extras): void {
	for (const message of messages) {
		const filled = extras.flatMap((name) => {
			const value = inputOf(message, name)?.value.trim();
			return value ? [[name, value]] : [];
		});
		node[message] = Object.fromEntries(filled);
	}
}

function inputOf(message: string, name: string) {
	return field(`node-config-input-${message}-${name}`);
}
