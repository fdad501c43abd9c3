/** Makes the settings of one listener. What would open more than the file says is not opened at all. */

import type { ConfLine } from "./conf-line";
import type { Section } from "./sections";

/** As in docs/settings.md. */
export interface ListenerSettings {
	readonly name: string;
	readonly kind: "tcp" | "tls" | "ws" | "wss" | "unix";
	readonly host?: string;
	readonly port?: number;
	readonly path?: string;
	readonly [setting: string]: unknown;
}

/** Settings of a listener that its kind alone does not make. */
type More = Record<string, unknown>;

const defaultPort = 1883;

/** @param name for logs. @returns undefined with a remark when it can't be had */
export function listenerOf({ head, options }: Section, name: string): ListenerSettings | undefined {
	const place = placeOf({ head, options });
	const why = whyNot({ head, options });
	const protocol = options.text("protocol") ?? "mqtt";
	if (why) {
		const line = head ?? why.line;
		options.leaveOut(line, `the listener is not opened: ${why.reason}`);
		options.finish(() => "its listener is not opened");
		return undefined;
	}
	const tls = tlsOf({ head, options });
	const web = protocol === "websockets";
	const more: More = { ...commonOf({ head, options }), ...(web && { origins: originsOf({ head, options }) }) };
	options.finish(reasonFor);
	if ("path" in place) return { name, kind: "unix", ...place, ...more };
	const kind = web ? (tls ? "wss" : "ws") : tls ? "tls" : "tcp";
	return { name, kind, ...place, ...more, ...(tls && { tls }) };
}

function placeOf({ head, options }: Section): { host: string; port: number } | { path: string } {
	const [port = "", address] = (head?.value ?? "").split(/\s+/);
	if (head && port === "0" && address?.startsWith("/")) return { path: address };
	const domain = options.text("socket_domain");
	const own = address ?? options.text("bind_address");
	const line = options.line("bind_interface");
	if (line) {
		options.change(
			line,
			"an interface can't be named: the listener is bound to this machine. Give the address of the interface as host",
		);
	}
	const everywhere = domain === "ipv6" ? "::" : "0.0.0.0";
	const isDefault = head === undefined && options.line("port") === undefined && own === undefined;
	const host = line || isDefault || own === "localhost" ? "127.0.0.1" : (own ?? everywhere);
	return { host, port: head ? Number(port) : (options.number("port") ?? defaultPort) };
}

interface Obstacle {
	readonly line: ConfLine;
	readonly reason: string;
}

function whyNot({ head, options }: Section): Obstacle | undefined {
	const protocol = options.line("protocol");
	if (head && !/^\d+(\s|$)/.test(head.value)) return { line: head, reason: "its port is not a number" };
	if (protocol && protocol.value !== "mqtt" && protocol.value !== "websockets") {
		return { line: protocol, reason: `the protocol ${protocol.value} is not MQTT` };
	}
	const mount = options.line("mount_point");
	if (mount)
		return {
			line: mount,
			reason: "there are no mount points here, and without it its clients would use the topics of others",
		};
	const psk = options.line("psk_hint");
	if (psk) return { line: psk, reason: "there are no pre-shared keys here. Use certificates" };
	const [certificate, key] = [options.line("certfile"), options.line("keyfile")];
	const tls = certificate ?? key ?? options.line("cafile") ?? options.line("capath");
	if (tls && !(certificate && key)) {
		return {
			line: tls,
			reason: "TLS needs certfile and keyfile, and without TLS it would not be what the file asks for",
		};
	}
	const path = options.line("capath");
	if (options.flag("require_certificate") && path && !options.line("cafile")) {
		return { line: path, reason: "client certificates are checked with the CA of one file: name it with cafile" };
	}
	return undefined;
}

function tlsOf({ options }: Section): More | undefined {
	const certFile = options.text("certfile");
	if (!certFile) return undefined;
	const required = options.flag("require_certificate") ?? false;
	const cn = options.flag("use_identity_as_username");
	const subject = options.flag("use_subject_as_username");
	const version = options.line("tls_version");
	if (version && !/^tlsv1\.[23]$/.test(version.value)) options.change(version, "TLS 1.2 is the oldest version here");
	const caFile = options.text("cafile");
	const crlFile = options.text("crlfile");
	return {
		certFile,
		keyFile: options.text("keyfile"),
		// Without client certificates Mosquitto has no use for it, either.
		...(required && { caFile, requestCert: "required" }),
		...(required && crlFile && { crlFile }),
		...(required && (cn || subject) && { userFrom: cn ? "cn" : "subject" }),
		...(version?.value === "tlsv1.3" && { minVersion: "TLSv1.3" }),
	};
}

function commonOf({ options }: Section): More {
	const connections = options.number("max_connections");
	const anonymous = options.flag("listener_allow_anonymous");
	const versions = options
		.text("accept_protocol_versions")
		?.split(/[\s,]+/)
		.map(Number);
	const proxy = options.line("enable_proxy_protocol");
	if (proxy && proxy.value !== "0") {
		options.change(
			proxy,
			"the proxy must be on this machine, since nobody else is trusted: add its address to the listener",
		);
	}
	return {
		...(connections !== undefined && connections > 0 && { maxConnections: connections }),
		...(anonymous !== undefined && { anonymous }),
		...(versions && { protocolVersions: versions.filter((version) => [3, 4, 5].includes(version)) }),
		...(proxy && proxy.value !== "0" && { proxyProtocol: { trusted: ["127.0.0.1", "::1"] } }),
	};
}

/** Mosquitto lets pages of every site connect unless it is told which. */
function originsOf({ options }: Section): string[] {
	const lines = options.all("websockets_origin");
	return lines.length === 0 ? ["*"] : lines.map(({ value }) => value);
}

const reasons: Readonly<Record<string, string>> = {
	allow_zero_length_clientid: "a client without client id is always given one",
	auto_id_prefix: "the client ids that the broker makes up can't be chosen",
	ciphers: "the ciphers of this Node are used",
	"ciphers_tls1.3": "the ciphers of this Node are used",
	dhparamfile: "the parameters of this Node are used",
	http_dir: "the broker serves no files. In Node-RED, httpStatic does",
	max_qos: "all QoS are allowed",
	use_username_as_clientid: "a client id is always the client's own; a session belongs to its user",
};

export function reasonFor(name: string): string {
	return reasons[name] ?? "flowbroker has no such setting";
}
