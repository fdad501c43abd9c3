/** Makes the options of the embedded broker of the config node's properties. */

import { join } from "node:path";
import { type BrokerOptions, parseBrokerOptions } from "../../broker";
import { wholeOf } from "../values";
import { type Fields, invalid } from "./fields";
import { listenersOf, type TlsOf } from "./listener-settings";
import { brokerDefaults } from "./properties";

/** Of what the node knows beside its properties, what is needed here. */
interface Surroundings {
	/** Where the broker keeps its files; undefined where nothing is to be written. */
	readonly folder: string | undefined;
	/** What a `tls-config` node holds. */
	readonly tlsOf: TlsOf;
	/** A field as the flow file has it. */
	readonly written?: (name: string) => unknown;
}

/** @throws FlowbrokerError OPTION_INVALID, naming the field of the form, its value and what it may be */
export function brokerOptionsOf(fields: Fields, { folder, tlsOf, written }: Surroundings): BrokerOptions {
	const anonymous = anonymousOf(fields.value("anonymous"));
	const durability = fields.choice("durability", ["each", "interval", "none"], brokerDefaults.durability);
	const redis = redisOf(fields, folder, written);
	const serverReference = fields.text("serverReference");
	return parseBrokerOptions({
		listeners: listenersOf(fields, tlsOf),
		access: accessOf(fields, folder),
		...(folder !== undefined && { store: { kind: "disk", folder: join(folder, "store"), durability } }),
		...(redis && { store: redis }),
		limits: limitsOf(fields),
		...(serverReference && { serverReference }),
		...(anonymous !== undefined && { anonymous }),
	});
}

/** A password for Redis comes from the environment: a flow file is no place for it. */
function redisOf(fields: Fields, folder: string | undefined, written: Surroundings["written"]): object | undefined {
	const url = fields.text("redisUrl");
	if (!url) return undefined;
	if (/^rediss?:\/\/[^/]*:[^/]*@/.test(String(written?.("redisUrl") ?? fields.raw("redisUrl")))) {
		throw invalid(
			"redisUrl",
			"",
			"must hold no password: put the address into an environment variable, and name that here",
		);
	}
	return { kind: "redis", url, ...(folder !== undefined && { modules: folder }) };
}

function accessOf(fields: Fields, folder: string | undefined): object {
	const access = fields.choice("access", ["users", "mosquitto", "any"], brokerDefaults.access);
	if (access === "users") {
		return folder === undefined ? { kind: "open" } : { kind: "users", file: join(folder, "access.json") };
	}
	// Without files this is what Mosquitto does without files.
	if (access === "any") return { kind: "mosquitto" };
	const passwordFile = fields.text("passwordFile");
	const aclFile = fields.text("aclFile");
	if (!passwordFile && !aclFile) {
		throw invalid("passwordFile", "", "or the field for the ACL file must be filled in");
	}
	return { kind: "mosquitto", ...(passwordFile && { passwordFile }), ...(aclFile && { aclFile }) };
}

/** A number may be given as text, and by a variable. */
function limitsOf(fields: Fields): object {
	const given = fields.value("limits") ?? {};
	if (typeof given !== "object" || Array.isArray(given)) throw invalid("limits", given, "must be an object");
	const filled = Object.entries(given).map(([name, value]) => {
		const text: unknown = typeof value === "string" ? fields.fill(value, `limits.${name}`) : value;
		return [name, wholeOf(text) ?? text];
	});
	return Object.fromEntries(filled.filter(([, value]) => value !== ""));
}

function anonymousOf(value: unknown): boolean | undefined {
	if (value === undefined || value === null || value === "" || value === "auto") return undefined;
	if (value === "yes" || value === true) return true;
	if (value === "no" || value === false) return false;
	throw invalid("anonymous", value, "must be auto, yes or no");
}
