/** Makes the broker's options of the config node's properties. */

import { type BrokerOptions, FlowbrokerError, parseBrokerOptions } from "../../broker";
import { type BrokerProperties, brokerDefaults } from "../node-types";
import { textOf, wholeOf } from "../values";

/** @throws FlowbrokerError OPTION_INVALID, naming the field of the form, its value and what it may be */
export function brokerOptionsOf(properties: Readonly<Record<keyof BrokerProperties, unknown>>): BrokerOptions {
	const kind = properties.kind ?? brokerDefaults.kind;
	if (kind !== "embedded") throw invalid("kind", kind, "must be embedded");
	const anonymous = anonymousOf(properties.anonymous);
	return parseBrokerOptions({
		listeners: [{ host: textOf(properties.host) ?? brokerDefaults.host, port: portOf(properties.port) }],
		...(anonymous !== undefined && { anonymous }),
	});
}

function portOf(value: unknown): number {
	if (value === undefined || value === null || value === "") return brokerDefaults.port;
	const port = wholeOf(value);
	if (port !== undefined && port <= 65_535) return port;
	const variable = typeof value === "string" ? /^\$\{(.+)\}$/.exec(value)?.[1] : undefined;
	if (variable) throw invalid("port", value, `needs the environment variable ${variable}, which is not set`);
	throw invalid("port", value, "must be a whole number from 0 to 65535");
}

function anonymousOf(value: unknown): boolean | undefined {
	if (value === undefined || value === null || value === "" || value === "auto") return undefined;
	if (value === "yes" || value === true) return true;
	if (value === "no" || value === false) return false;
	throw invalid("anonymous", value, "must be auto, yes or no");
}

function invalid(field: string, value: unknown, rule: string): FlowbrokerError {
	const shown = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
	return new FlowbrokerError(
		"OPTION_INVALID",
		`The field "${field}" of the broker ${rule}; it is "${shown.slice(0, 60)}". Open the broker's settings and correct it.`,
	);
}
