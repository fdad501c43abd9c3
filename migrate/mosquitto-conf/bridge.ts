/** Makes the nodes of one bridge: the bridge, the broker at the other end, and its certificates. */

import { newId } from "../core-nodes/new-id";
import { type FlowNode, ownTypes } from "../flow-node";
import type { Options } from "./options";
import type { Section } from "./sections";
import { parseTopicLine } from "./topic-line";

/** User name and password: they are not in the flow. */
export interface Login {
	readonly user?: string;
	readonly password?: string;
}

export interface BridgeNodes {
	/** The bridge comes first. */
	readonly nodes: readonly [bridge: FlowNode, remote: FlowNode, ...tls: FlowNode[]];
	/** Of the remote broker. */
	readonly login: Login;
}

/** What all bridges of a file have in common. */
export interface BridgeSurroundings {
	/** Id of the embedded broker. */
	readonly broker: string;
	/** Id of the tab. */
	readonly tab: string;
	/** As `max_queued_messages`. */
	readonly queueSize: number;
	readonly queueQos0: boolean;
}

const versions: Readonly<Record<string, string>> = { mqttv31: "3", mqttv311: "4", mqttv50: "5" };

/** Options that have no place here, and what is done instead. */
const elsewhere: Readonly<Record<string, string>> = {
	local_cleansession: "what is to leave always waits, within queueSize and queueMegabytes of the bridge",
	bridge_max_topic_alias: "a bridge sends every topic in full",
	bridge_bind_address: "the system chooses from which address it connects",
	bridge_tcp_keepalive: "the keep alive of MQTT finds out whether the other broker is there",
	bridge_tcp_user_timeout: "the keep alive of MQTT finds out whether the other broker is there",
	bridge_reload_type: "a deploy ends the connection of a bridge only when the bridge was changed",
	bridge_tls_version: "TLS 1.2 and 1.3 are used",
	bridge_ciphers: "the ciphers are those of Node.js",
	"bridge_ciphers_tls1.3": "the ciphers are those of Node.js",
	bridge_require_ocsp: "the revocation of certificates is not checked",
};

export function bridgeOf({ head, options }: Section, surroundings: BridgeSurroundings): BridgeNodes | undefined {
	const name = head?.value ?? "";
	const addresses = [...options.all("addresses"), ...options.all("address")].flatMap(({ value }) => value.split(/\s+/));
	if (addresses.length === 0) return without(head, options, "it has no address");
	const psk = options.line("bridge_identity") ?? options.line("bridge_psk");
	if (psk) return without(head, options, "there are no pre-shared keys here. Use certificates");
	const rules = rulesOf(options);
	if (rules.length === 0) return without(head, options, "it has no topic that can be used, and nothing would cross");
	const tls = tlsOf(options, name);
	// Where the file says nothing Mosquitto speaks 3.1.1. MQTT 5 says more exactly what is not to come back.
	const version = versions[options.text("bridge_protocol_version") ?? ""] ?? "auto";
	const cleansession = options.flag("cleansession") ?? false;
	const remote = remoteOf(options, name, addresses, tls?.id, version);
	const login = {
		user: textOf(options, "remote_username", "username"),
		password: textOf(options, "remote_password", "password"),
	};
	const bridge: FlowNode = {
		id: newId(name, "mosquitto bridge"),
		type: ownTypes.bridge,
		z: surroundings.tab,
		name,
		broker: surroundings.broker,
		remote: remote.id,
		rules,
		...startOf(options),
		clientid: textOf(options, "remote_clientid", "clientid") ?? "",
		protocolVersion: version,
		tryPrivate: options.flag("try_private") ?? true,
		cleansession,
		roundRobin: options.flag("round_robin") ?? false,
		notifications: options.flag("notifications") ?? true,
		notificationTopic: options.text("notification_topic") ?? "",
		notificationsLocalOnly: options.flag("notifications_local_only") ?? false,
		outgoingRetain: options.flag("bridge_outgoing_retain") ?? true,
		attemptUnsubscribe: options.flag("bridge_attempt_unsubscribe") ?? true,
		loopGuard: true,
		user: "",
		queueSize: surroundings.queueSize,
		queueMegabytes: 16,
		queueDrop: "newest",
		queueQos0: surroundings.queueQos0,
		wires: [],
	};
	options.leaveOutAll(
		["local_clientid", "local_username", "local_password"],
		"a bridge needs no login to the broker in its own process",
	);
	for (const [name, reason] of Object.entries(elsewhere)) options.leaveOutAll([name], reason);
	options.finish(() => "bridges of flowbroker have no such setting");
	return {
		nodes: [bridge, remote, ...(tls ? [tls] : [])],
		login: { ...(login.user && { user: login.user }), ...(login.password && { password: login.password }) },
	};
}

function without(head: Section["head"], options: Options, why: string): undefined {
	if (head) options.leaveOut(head, `the bridge is left out: ${why}`);
	options.finish(() => "its bridge is left out");
	return undefined;
}

function rulesOf(options: Options): object[] {
	return options.all("topic").flatMap((line) => {
		const rule = parseTopicLine(line.value);
		if (typeof rule !== "string") return [rule];
		options.leaveOut(line, rule);
		return [];
	});
}

function startOf(options: Options): Record<string, unknown> {
	const type = options.line("start_type");
	const start = type?.value ?? "automatic";
	const known = ["automatic", "lazy", "once"].includes(start);
	if (!known) options.change(type, "the bridge connects at the start and again after each loss (automatic)");
	return {
		start: known ? start : "automatic",
		startThreshold: options.number("threshold") ?? 10,
		idleTimeout: options.number("idle_timeout") ?? 60,
	};
}

function remoteOf(
	options: Options,
	name: string,
	addresses: readonly string[],
	tls: string | undefined,
	version: string,
): FlowNode {
	const [reconnectMin, reconnectMax] = pausesOf(options);
	return {
		id: newId(name, "mosquitto remote"),
		type: ownTypes.broker,
		name: `${name} (remote)`,
		kind: "remote",
		broker: addresses.map(addressOf).join(", "),
		port: "",
		clientid: "",
		autoConnect: true,
		usetls: tls !== undefined,
		tls: tls ?? "",
		verifyservercert: true,
		protocolVersion: version === "auto" ? "5" : version,
		keepalive: options.number("keepalive_interval") ?? 60,
		cleansession: true,
		reconnectMin,
		reconnectMax,
		sessionExpiry: options.number("bridge_session_expiry_interval") ?? 0,
		maximumPacketSize: options.number("bridge_max_packet_size") || "",
		receiveMaximum: options.number("bridge_receive_maximum") || "",
		topicAliasMaximum: "",
	};
}

/** `restart_timeout constant` or `base cap [stable]`, in seconds. */
function pausesOf(options: Options): readonly [minimum: number, maximum: number] {
	const line = options.line("restart_timeout");
	const [minimum = 5, maximum = minimum, ...more] = line?.value.split(/\s+/).map(Number) ?? [5, 30];
	if (![minimum, maximum].every((seconds) => seconds > 0 && seconds <= 3_600) || maximum < minimum) {
		if (line) options.leaveOut(line, "it must be one or two numbers of seconds from 1 to 3600, the smaller one first");
		return [5, 30];
	}
	if (more.length > 0) options.change(line, "a connection has lasted when it has stood as long as the longest pause");
	return [minimum, maximum];
}

/** The port stands behind the last colon, also behind an IPv6 address without brackets. */
function addressOf(address: string): string {
	const [, host = address, port = "1883"] = /^(.*?):(\d+)$/.exec(address) ?? [];
	return host.includes(":") && !host.startsWith("[") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Node-RED's own node for certificates. */
function tlsOf(options: Options, name: string): FlowNode | undefined {
	const [ca, cert, key] = ["bridge_cafile", "bridge_certfile", "bridge_keyfile"].map(
		(option) => options.text(option) ?? "",
	);
	const system = options.flag("bridge_tls_use_os_certs") ?? false;
	const capath = options.text("bridge_capath") ?? "";
	options.leaveOutAll(["bridge_capath"], "the CA of one file is used: name it with bridge_cafile");
	if (options.flag("bridge_insecure")) {
		options.change(options.line("bridge_insecure"), "the host name in the certificate is always checked");
	}
	const alpn = options.text("bridge_alpn") ?? "";
	// Never without TLS where the file asks for it: a password would be readable on its way.
	if (!ca && !cert && !system && !capath) return undefined;
	return {
		id: newId(name, "mosquitto tls"),
		type: "tls-config",
		name: `${name} (certificates)`,
		certType: "files",
		cert,
		key,
		ca,
		certname: "",
		keyname: "",
		caname: "",
		servername: "",
		verifyservercert: true,
		alpnprotocol: alpn,
	};
}

/** Two names of one option: the newer one goes first. */
function textOf(options: Options, name: string, older: string): string | undefined {
	const old = options.text(older);
	return options.text(name) ?? old;
}
