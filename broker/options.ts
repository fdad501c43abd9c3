/** The settings of a broker: defaults in one object, unknown input parsed once. */

import { type AccessOptions, parseAccess } from "./access/access-options";
import { defaultLimits, type LimitOptions, parseLimits } from "./limits";
import { defaultListener, isLoopback, type ListenerOptions, parseListener } from "./listeners/listener-options";
import { flag, invalid, known, record, text, whole } from "./parse";
import { defaultStore, parseStore, type StoreOptions } from "./store/store-options";

export { defaultListener, isLoopback, type ListenerOptions };

export interface BrokerOptions {
	readonly listeners: readonly ListenerOptions[];
	/**
	 * May clients log in without user name? Default: yes while every listener is bound to this machine only.
	 */
	readonly anonymous: boolean;
	readonly limits: LimitOptions;
	/** Default: `open`. */
	readonly access: AccessOptions;
	/** Default: `memory`. */
	readonly store: StoreOptions;
	/** Seconds between two rounds of numbers under `$SYS/broker/`. Default 10; 0 publishes none. */
	readonly sysInterval: number;
	/**
	 * Where MQTT 5 clients are sent when this broker stops, as in `other.example:1883`. Default: nowhere; they are told
	 * that it shuts down. [MQTT 5, 4.11]
	 */
	readonly serverReference?: string;
}

export const defaultBrokerOptions = {
	listeners: [defaultListener],
	anonymous: true,
	limits: defaultLimits,
	access: { kind: "open" },
	store: defaultStore,
	sysInterval: 10,
} as const satisfies BrokerOptions;

/**
 * Reads settings from anywhere: a node's properties, a JSON file.
 * @throws FlowbrokerError OPTION_INVALID, naming the setting, its value and what it may be
 */
export function parseBrokerOptions(input: unknown): BrokerOptions {
	const given = record(input, "");
	known(given, ["listeners", "anonymous", "limits", "access", "store", "sysInterval", "serverReference"], "");
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
		access: parseAccess(given.access),
		store: parseStore(given.store),
		sysInterval: whole(given.sysInterval ?? defaultBrokerOptions.sysInterval, "sysInterval", 0, 86_400),
		...(given.serverReference !== undefined && { serverReference: text(given.serverReference, "serverReference") }),
	};
}

function list(value: unknown): unknown[] {
	if (Array.isArray(value) && value.length > 0) return value;
	throw invalid("listeners", "must be a list with at least one listener");
}
