/** The settings of a broker: defaults in one object, unknown input parsed once. */

import { FlowbrokerError } from "./errors";

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

export interface LimitOptions {
	/** Largest packet that a client may send, in bytes. Default 1 MiB. */
	readonly packetSize: number;
	/** Seconds from accept to a complete CONNECT. Default 10. */
	readonly connectTimeout: number;
	/** Bytes that may wait for one slow client before it is disconnected. Default 1 MiB. */
	readonly clientBuffer: number;
	/** Levels of a topic or topic filter, as in `a/b/c`. Default and most: 100. */
	readonly topicLevels: number;
}

export const defaultListener = {
	name: "tcp",
	kind: "tcp",
	host: "127.0.0.1",
	port: 1883,
} as const satisfies ListenerOptions;

export const defaultLimits = {
	packetSize: 1_048_576,
	connectTimeout: 10,
	clientBuffer: 1_048_576,
	topicLevels: 100,
} as const satisfies LimitOptions;

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
	const kind = given.kind ?? "tcp";
	if (kind !== "tcp") throw invalid(`${path}.kind`, `must be "tcp", not ${show(kind)}`);
	const port = whole(given.port ?? defaultListener.port, `${path}.port`, 0, 65_535);
	const host = text(given.host ?? defaultListener.host, `${path}.host`);
	return { name: text(given.name ?? (at === 0 ? "tcp" : `tcp-${at + 1}`), `${path}.name`), kind, host, port };
}

function parseLimits(input: unknown): LimitOptions {
	const given = record(input ?? {}, "limits");
	known(given, Object.keys(defaultLimits), "limits.");
	const { packetSize, connectTimeout, clientBuffer, topicLevels } = { ...defaultLimits, ...given };
	return {
		packetSize: whole(packetSize, "limits.packetSize", 128, 268_435_460),
		connectTimeout: whole(connectTimeout, "limits.connectTimeout", 1, 3_600),
		clientBuffer: whole(clientBuffer, "limits.clientBuffer", 1_024, 1_073_741_824),
		topicLevels: whole(topicLevels, "limits.topicLevels", 1, 100),
	};
}

function record(value: unknown, path: string): Record<string, unknown> {
	if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
	throw invalid(path, `must be an object, not ${show(value)}`);
}

function list(value: unknown): unknown[] {
	if (Array.isArray(value) && value.length > 0) return value;
	throw invalid("listeners", "must be a list with at least one listener");
}

function known(given: Record<string, unknown>, names: readonly string[], prefix: string): void {
	for (const name of Object.keys(given)) {
		if (!names.includes(name))
			throw invalid(`${prefix}${name}`, `is not a setting; known here are ${names.join(", ")}`);
	}
}

function whole(value: unknown, path: string, least: number, most: number): number {
	if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
	throw invalid(path, `must be a whole number from ${least} to ${most}, not ${show(value)}`);
}

function flag(value: unknown, path: string): boolean {
	if (typeof value === "boolean") return value;
	throw invalid(path, `must be true or false, not ${show(value)}`);
}

function text(value: unknown, path: string): string {
	if (typeof value === "string" && value.trim() !== "") return value.trim();
	throw invalid(path, `must be a text that is not empty, not ${show(value)}`);
}

function show(value: unknown): string {
	return JSON.stringify(value)?.slice(0, 60) ?? String(value);
}

function invalid(path: string, problem: string): FlowbrokerError {
	const place = path === "" ? "The settings" : `The setting ${path}`;
	return new FlowbrokerError("OPTION_INVALID", `${place} ${problem}.`);
}
