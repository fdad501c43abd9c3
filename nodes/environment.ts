/** Fills in environment variables inside a text: Node-RED itself does it only where one variable is the whole property. */

import { FlowbrokerError } from "../broker";

/** Looks up a variable as the node sees it: group, subflow, flow, global, then the process. */
export type Lookup = (variable: string) => unknown;

/**
 * `${NAME}` is replaced by the variable, `${NAME:-text}` by the text where the variable is not set or empty.
 * @param property what the text is, for the error message: `topic`
 * @param secret the text must not be shown
 * @throws FlowbrokerError OPTION_INVALID when a variable is not set: a topic with a hole in it would be a wrong topic
 */
export function fillIn(text: string, property: string, lookup: Lookup, secret = false): string {
	return text.replace(/\$\{([^}]+)\}/g, (_place, inside: string) => {
		const at = inside.indexOf(":-");
		const variable = at === -1 ? inside : inside.slice(0, at);
		const value = lookup(variable);
		if (at !== -1 && (value === undefined || value === null || value === "")) return inside.slice(at + 2);
		if (value !== undefined && value !== null) return String(value);
		throw new FlowbrokerError(
			"OPTION_INVALID",
			`The environment variable ${variable} in the ${property}${secret ? "" : ` "${text}"`} is not set. Set it for the flow, in the global environment or before Node-RED starts.`,
		);
	});
}
