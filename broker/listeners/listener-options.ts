/** The settings of one listener. */

import { isLoopbackAddress } from "../access/address";
import { flag, invalid, known, oneOf, record, show, text, whole } from "../parse";
import { given, listOf } from "./option-values";
import { parseTls, type TlsOptions } from "./tls-options";
import { isAddressOrNetwork } from "./trusted-addresses";

/** `ws` and `wss` are MQTT over WebSocket, for browsers; `unix` is a socket file for programs on this machine. */
export type ListenerKind = "tcp" | "tls" | "ws" | "wss" | "unix";

/** 3 is MQTT 3.1, 4 is 3.1.1, 5 is 5.0. */
export type ProtocolVersion = 3 | 4 | 5;

/** Who may use a listener; asked when a client logs in. */
export interface ListenerAdmission {
	/** May clients log in without user name? Default: what the broker says. */
	readonly anonymous?: boolean;
	/** Only these users, and those in `groups`. Default: everybody. */
	readonly users?: readonly string[];
	/** Only the users in these groups, and `users`. Default: everybody. */
	readonly groups?: readonly string[];
}

export interface ListenerOptions extends ListenerAdmission {
	/** For logs and messages; unique in the broker. Default: the kind. */
	readonly name: string;
	/** Default `tcp`. */
	readonly kind: ListenerKind;
	/**
	 * Bind address. Default `127.0.0.1`: only programs on this machine. `0.0.0.0` or `::` opens it to the network.
	 * `localhost` for the kind `unix`.
	 */
	readonly host: string;
	/** 0 lets the operating system choose. Default: {@link defaultPorts}. 0 for the kind `unix`. */
	readonly port: number;
	/** ws and wss: the only path that is served; default `/` and `/mqtt`. unix: the socket file. */
	readonly path?: string;
	/** Connections at the same time. Default: only `limits.connections` of the broker holds. */
	readonly maxConnections?: number;
	/** Versions of MQTT that are spoken. Default: all. */
	readonly protocolVersions?: readonly ProtocolVersion[];
	/**
	 * ws and wss: from which web pages browsers may connect, as in `https://example.com`; `*` is any. Pages from the
	 * listener's own host name always may. Default: no others.
	 */
	readonly origins?: readonly string[];
	/** tls and wss: needed there. */
	readonly tls?: TlsOptions;
	/** Takes the client's address from the PROXY protocol, version 1 or 2. Default: off. */
	readonly proxyProtocol?: ProxyProtocolOptions;
}

export interface ProxyProtocolOptions {
	/** The proxies: addresses, or networks as in `10.0.0.0/8`. Nobody else may say where a client comes from. */
	readonly trusted: readonly string[];
}

/** 1883 and 8883 are registered with IANA; 8083 and 8084 are common for WebSocket. */
export const defaultPorts = { tcp: 1883, tls: 8883, ws: 8083, wss: 8084, unix: 0 } as const satisfies Record<
	ListenerKind,
	number
>;

export const defaultListener = {
	name: "tcp",
	kind: "tcp",
	host: "127.0.0.1",
	port: defaultPorts.tcp,
} as const satisfies ListenerOptions;

const kinds = ["tcp", "tls", "ws", "wss", "unix"] as const satisfies readonly ListenerKind[];
const common = ["name", "kind", "maxConnections", "protocolVersions", "anonymous", "users", "groups"];
const network = [...common, "host", "port", "proxyProtocol"];
const namesOf = {
	tcp: network,
	tls: [...network, "tls"],
	ws: [...network, "path", "origins"],
	wss: [...network, "path", "origins", "tls"],
	unix: [...common, "path"],
} as const satisfies Record<ListenerKind, readonly string[]>;

/** @param at its place in the list of listeners */
export function parseListener(input: unknown, at: number): ListenerOptions {
	const path = `listeners[${at}]`;
	const prefix = `${path}.`;
	const settings = record(input, path);
	const kind = oneOf(settings.kind ?? defaultListener.kind, `${prefix}kind`, kinds);
	known(settings, namesOf[kind], prefix);
	return {
		name: text(settings.name ?? (at === 0 ? kind : `${kind}-${at + 1}`), `${prefix}name`),
		kind,
		...(kind === "unix" ? parseSocketFile(settings, prefix) : parseNetwork(settings, prefix, kind)),
		...given(settings, prefix, "maxConnections", (value, place) => whole(value, place, 1, 1_000_000)),
		...given(settings, prefix, "protocolVersions", (value, place) => listOf(value, place, protocolVersion)),
		...parseAdmission(settings, prefix),
	};
}

export function parseAdmission(settings: Record<string, unknown>, prefix: string): ListenerAdmission {
	return {
		...given(settings, prefix, "anonymous", flag),
		...given(settings, prefix, "users", (value, place) => listOf(value, place, text)),
		...given(settings, prefix, "groups", (value, place) => listOf(value, place, text)),
	};
}

export function parseOrigins(value: unknown, path: string): string[] {
	return listOf(value, path, origin);
}

/** Is the listener only reachable from this machine? Behind a proxy it is reachable by whoever reaches the proxy. */
export function isLoopback(listener: ListenerOptions): boolean {
	if (listener.kind === "unix") return true;
	if (listener.proxyProtocol) return false;
	const host = listener.host.toLowerCase();
	return host === "localhost" || isLoopbackAddress(host);
}

function parseNetwork(settings: Record<string, unknown>, prefix: string, kind: Exclude<ListenerKind, "unix">) {
	const secure = kind === "tls" || kind === "wss";
	return {
		port: whole(settings.port ?? defaultPorts[kind], `${prefix}port`, 0, 65_535),
		host: text(settings.host ?? defaultListener.host, `${prefix}host`),
		...given(settings, prefix, "path", urlPath),
		...given(settings, prefix, "origins", parseOrigins),
		...given(settings, prefix, "proxyProtocol", parseProxyProtocol),
		...(secure && { tls: parseTls(settings.tls ?? {}, `${prefix}tls`) }),
	};
}

function parseSocketFile(settings: Record<string, unknown>, prefix: string) {
	return { host: "localhost", port: 0, path: text(settings.path, `${prefix}path`) };
}

function parseProxyProtocol(value: unknown, path: string): ProxyProtocolOptions {
	const settings = record(value, path);
	known(settings, ["trusted"], `${path}.`);
	return {
		trusted: listOf(settings.trusted, `${path}.trusted`, (one, place) => {
			const address = text(one, place);
			if (isAddressOrNetwork(address)) return address;
			throw invalid(place, `must be an address or a network as in 10.0.0.0/8, not ${show(address)}`);
		}),
	};
}

function protocolVersion(value: unknown, path: string): ProtocolVersion {
	if (value === 3 || value === 4 || value === 5) return value;
	throw invalid(path, `must be 3 (MQTT 3.1), 4 (3.1.1) or 5, not ${show(value)}`);
}

/** @throws FlowbrokerError OPTION_INVALID */
export function urlPath(value: unknown, path: string): string {
	const given = text(value, path);
	if (/^\/[^\s?#]*$/.test(given)) return given;
	throw invalid(path, `must start with / and hold no blank, ? or #; it is ${show(given)}`);
}

function origin(value: unknown, path: string): string {
	const given = text(value, path);
	if (given === "*" || given === "null") return given;
	const url = URL.canParse(given) ? new URL(given) : undefined;
	// What a browser sends: scheme, host and port, and nothing behind them.
	if (url && url.origin !== "null" && url.pathname === "/" && !given.endsWith("/")) return url.origin;
	throw invalid(path, `must be * or an origin as in https://example.com, not ${show(given)}`);
}
