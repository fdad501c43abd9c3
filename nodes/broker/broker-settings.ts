/** Reads the settings of the config node, whichever kind of broker it stands for. */

import type { Lookup } from "../environment";
import { brokerOptionsOf } from "./broker-options";
import { Fields, invalid, type RawProperties } from "./fields";
import { brokerDefaults } from "./properties";
import type { TlsSettings } from "./remote/remote-options";
import { type Login, remoteOptionsOf } from "./remote-settings";
import type { BrokerSettings } from "./service";

/** What the node knows beside its properties. */
export interface Surroundings {
	readonly lookup: Lookup;
	/** Where the embedded broker keeps its files; undefined where nothing is to be written. */
	readonly folder: string | undefined;
	/** A field as the flow file has it: Node-RED fills in variables before the node is made. */
	readonly written?: (name: string) => unknown;
	/** The node's credentials. */
	readonly login: Login;
	/**
	 * What the `tls-config` node of that id holds.
	 * @throws FlowbrokerError OPTION_INVALID
	 */
	readonly tlsOf: (id: string) => TlsSettings;
}

/** MQTT over WebSocket on Node-RED's own HTTP server. */
function webPathOf(fields: Fields): { webPath?: string } {
	const path = fields.text("webPath");
	if (path === undefined) return {};
	if (/^\/[^\s?#]*$/.test(path)) return { webPath: path };
	throw invalid("webPath", path, "must be a path that starts with /, such as /mqtt");
}

/** @throws FlowbrokerError OPTION_INVALID, naming the field of the form, its value and what it may be */
export function brokerSettingsOf(properties: RawProperties, surroundings: Surroundings): BrokerSettings {
	const fields = new Fields(properties, surroundings.lookup);
	const kind = fields.choice("kind", ["embedded", "remote"], brokerDefaults.kind);
	return kind === "embedded"
		? { kind, options: brokerOptionsOf(fields, surroundings), ...webPathOf(fields) }
		: { kind, options: remoteOptionsOf(properties, surroundings) };
}
