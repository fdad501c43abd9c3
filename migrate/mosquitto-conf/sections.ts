/** Sorts the lines of a mosquitto.conf: those for the broker, for each listener and for each bridge. */

import type { ConfLine, LineRemark } from "./conf-line";
import { Options } from "./options";

export interface Section {
	/** The line `listener` or `connection`; undefined for the listener that is there without such a line. */
	readonly head: ConfLine | undefined;
	readonly options: Options;
}

export interface Sections {
	readonly broker: Options;
	readonly listeners: readonly Section[];
	readonly bridges: readonly Section[];
	/** Each listener has users and rules of its own. */
	readonly perListener: boolean;
}

/** Before any `listener` they are about the default one, which Mosquitto opens then. */
const opensDefault = new Set(["port", "bind_address"]);

const ofListeners = new Set([
	...opensDefault,
	...["accept_protocol_versions", "bind_interface", "cafile", "capath", "certfile", "ciphers", "ciphers_tls1.3"],
	...["crlfile", "dhparamfile", "disable_client_cert_date_checks", "enable_proxy_protocol", "http_dir", "keyfile"],
	...["listener_allow_anonymous", "listener_auto_id_prefix", "max_connections", "max_qos", "max_topic_alias"],
	...["max_topic_alias_broker", "mount_point", "protocol", "proxy_protocol_v2_require_tls", "psk_hint"],
	...["require_certificate", "socket_domain", "tls_engine", "tls_engine_kpass_sha1", "tls_keyform", "tls_version"],
	...["use_identity_as_username", "use_subject_as_username", "use_username_as_clientid", "websockets_headers_size"],
	...["websockets_origin"],
]);

const ofAccess = new Set([
	...["acl_file", "allow_anonymous", "allow_zero_length_clientid", "auth_plugin", "auto_id_prefix"],
	...["password_file", "plugin", "psk_file"],
]);

const ofBridges =
	/^(addresse?s?|bridge_.*|cleansession|clientid|idle_timeout|keepalive_interval|local_.*|notification.*|password|remote_.*|restart_timeout|round_robin|start_type|threshold|topic|try_private|username)$/;

export function sectionsOf(lines: readonly ConfLine[], report: (remark: LineRemark) => void): Sections {
	const broker = new Options(report);
	const section = (head?: ConfLine): Section => ({ head, options: new Options(report) });
	const first = section();
	const listeners: Section[] = [];
	const bridges: Section[] = [];
	const perListener = lines.some(({ name, value }) => name === "per_listener_settings" && /^(true|1)$/i.test(value));
	let opened = false;
	for (const line of lines) {
		const { name } = line;
		const listener = listeners.at(-1) ?? first;
		const bridge = bridges.at(-1);
		if (name === "listener") listeners.push(section(line));
		else if (name === "connection") bridges.push(section(line));
		else if (bridge && ofBridges.test(name)) bridge.options.add(line);
		else if (ofListeners.has(name) || (perListener && isOfAccess(name))) {
			if (listener === first && opensDefault.has(name)) opened = true;
			listener.options.add(line);
		} else broker.add(line);
	}
	// Without any listener Mosquitto opens the default one, for this machine only.
	const all = opened || listeners.length === 0 ? [first, ...listeners] : listeners;
	if (!all.includes(first)) {
		// Said before the first listener, and about none that is opened.
		first.options.finish(() => "it is about the default listener, which is not opened where there are others");
	}
	return { broker, listeners: all, bridges, perListener };
}

function isOfAccess(name: string): boolean {
	return ofAccess.has(name) || /^(plugin|auth)_opt_/.test(name);
}
