/** Makes the broker's options of the config node's properties. */

import { join } from "node:path";
import { type BrokerOptions, FlowbrokerError, parseBrokerOptions } from "../../broker";
import { fillIn, type Lookup } from "../environment";
import { type BrokerProperties, brokerDefaults } from "../node-types";
import { textOf, wholeOf } from "../values";

/** What the node knows beside its properties. */
export interface Surroundings {
	readonly lookup: Lookup;
	/** Where the broker keeps its files; undefined where nothing is to be written. */
	readonly folder: string | undefined;
}

/** @throws FlowbrokerError OPTION_INVALID, naming the field of the form, its value and what it may be */
export function brokerOptionsOf(
	properties: Readonly<Record<keyof BrokerProperties, unknown>>,
	{ lookup, folder }: Surroundings,
): BrokerOptions {
	const filled = (name: keyof BrokerProperties): unknown => {
		const value = properties[name];
		return typeof value === "string" ? fillIn(value, `field "${name}"`, lookup) : value;
	};
	const kind = filled("kind") ?? brokerDefaults.kind;
	if (kind !== "embedded") throw invalid("kind", kind, "must be embedded");
	const anonymous = anonymousOf(filled("anonymous"));
	return parseBrokerOptions({
		listeners: [{ host: textOf(filled("host")) ?? brokerDefaults.host, port: portOf(filled("port")) }],
		access: accessOf(filled("access"), textOf(filled("passwordFile")), textOf(filled("aclFile")), folder),
		...(anonymous !== undefined && { anonymous }),
	});
}

function accessOf(
	access: unknown,
	passwordFile: string | undefined,
	aclFile: string | undefined,
	folder: string | undefined,
): object {
	switch (access || brokerDefaults.access) {
		case "users":
			return folder === undefined ? { kind: "open" } : { kind: "users", file: join(folder, "access.json") };
		case "mosquitto":
			if (!passwordFile && !aclFile)
				throw invalid("passwordFile", "", "or the field for the ACL file must be filled in");
			return { kind: "mosquitto", ...(passwordFile && { passwordFile }), ...(aclFile && { aclFile }) };
		default:
			throw invalid("access", access, "must be users or mosquitto");
	}
}

function portOf(value: unknown): number {
	if (value === undefined || value === null || value === "") return brokerDefaults.port;
	const port = wholeOf(value);
	if (port !== undefined && port <= 65_535) return port;
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
