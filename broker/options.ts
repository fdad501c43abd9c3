/** The settings of a broker: defaults in one object, unknown input parsed once. */

import { defaultLimits, type LimitOptions, parseLimits } from "./limits";
import { flag, invalid, known, oneOf, record, text, whole } from "./parse";

export interface ListenerOptions {
	/** For logs and messages; unique in the broker. Default `tcp`. */
	readonly name: string;
	readonly kind: "tcp";
	/** Bind address. Default `127.0.0.1`: only programs on this machine. `0.0.0.0` or `::` opens it to the network. */
	readonly host: string;
	/** 0 lets the operating system choose. Default 1883. */
	readonly port: number;
}

export interface BrokerOptions {
	readonly listeners: readonly ListenerOptions[];
	/**
	 * May clients log in without user name? Default: yes while every listener is bound to this machine only.
	 */
	readonly anonymous: boolean;
	readonly limits: LimitOptions;
}

export const defaultListener = {
	name: "tcp",
	kind: "tcp",
	host: "127.0.0.1",
	port: 1883,
} as const satisfies ListenerOptions;

export const defaultBrokerOptions = {
	listeners: [defaultListener],
	anonymous: true,
	limits: defaultLimits,
} as const satisfies BrokerOptions;

/**
 * Reads settings from anywhere: a node's properties, a JSON file.
 * @throws FlowbrokerError OPTION_INVALID, naming the setting, its value and what it may be
 */
export function parseBrokerOptions(input: unknown): BrokerOptions {
	const given = record(input, "");
	known(given, ["listeners", "anonymous", "limits"], "");
	const listeners = given.listeners === undefined ? [defaultListener] : list(given.listeners).map(parseListener);
	const names = new Set<string>();
	for (const { name } of listeners) {
		if (names.has(name)) throw invalid("listeners", `must not hold two with the name "${name}"; give each its own`);
		names.add(name);
	}
	return {
		listeners,
		anonymous: given.anonymous === undefined ? listeners.every(isLoopback) : flag(given.anonymous, "anonymous"),
		limits: parseLimits(given.limits),
	};
}

/** Is the listener only reachable from this machine? */
export function isLoopback(listener: ListenerOptions): boolean {
	const host = listener.host.toLowerCase();
	return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

function parseListener(input: unknown, at: number): ListenerOptions {
	const path = `listeners[${at}]`;
	const given = record(input, path);
	known(given, ["name", "kind", "host", "port"], `${path}.`);
	const kind = oneOf(given.kind ?? "tcp", `${path}.kind`, ["tcp"]);
	const port = whole(given.port ?? defaultListener.port, `${path}.port`, 0, 65_535);
	const host = text(given.host ?? defaultListener.host, `${path}.host`);
	return { name: text(given.name ?? (at === 0 ? "tcp" : `tcp-${at + 1}`), `${path}.name`), kind, host, port };
}

function list(value: unknown): unknown[] {
	if (Array.isArray(value) && value.length > 0) return value;
	throw invalid("listeners", "must be a list with at least one listener");
}
