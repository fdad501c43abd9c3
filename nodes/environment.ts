/** Fills in environment variables inside a text: Node-RED itself does it only where one variable is the whole property. */

import { FlowbrokerError } from "../broker";

/** Looks up a variable as the node sees it: group, subflow, flow, global, then the process. */
export type Lookup = (variable: string) => unknown;

/**
 * @param property what the text is, for the error message: `topic`
 * @throws FlowbrokerError OPTION_INVALID when a variable is not set: a topic with a hole in it would be a wrong topic
 */
export function fillIn(text: string, property: string, lookup: Lookup): string {
	return text.replace(/\$\{([^}]+)\}/g, (_place, variable: string) => {
		const value = lookup(variable);
		if (value !== undefined && value !== null) return String(value);
		throw new FlowbrokerError(
			"OPTION_INVALID",
			`The environment variable ${variable} in the ${property} "${text}" is not set. Set it for the flow, in the global environment or before Node-RED starts.`,
		);
	});
}
