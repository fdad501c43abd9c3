/** What a client may use of the broker, as far as both have such a limit. */

import type { Options } from "./options";

/** Names as in docs/settings.md. */
export type Limits = Readonly<Record<string, number>>;

interface Row {
	readonly option: string;
	readonly limit: string;
	readonly least: number;
	readonly most: number;
	/** Mosquitto's number that stands for "any". */
	readonly any?: number;
}

const row = (option: string, limit: string, least: number, most: number, any?: number): Row => ({
	option,
	limit,
	least,
	most,
	...(any !== undefined && { any }),
});

const billion = 4_294_967_296;

/** Those further down count where several are there. */
const rows: readonly Row[] = [
	row("global_max_clients", "connections", 1, 1_000_000, -1),
	row("global_max_connections", "connections", 1, 1_000_000, -1),
	row("max_inflight_messages", "inflight", 1, 65_535, 0),
	row("max_keepalive", "keepaliveMax", 1, 65_535, 0),
	row("max_packet_size", "packetSize", 128, 268_435_460, 0),
	row("message_size_limit", "packetSize", 128, 268_435_460, 0),
	row("max_queued_bytes", "queuedBytes", 1_024, billion, 0),
	row("max_queued_messages", "queuedMessages", 1, 10_000_000, 0),
];

/** Seconds. */
const units: Readonly<Record<string, number>> = {
	s: 1,
	h: 3_600,
	d: 86_400,
	w: 604_800,
	m: 2_592_000,
	y: 31_536_000,
};

export function limitsOf(options: Options): Limits {
	const limits: Record<string, number> = {};
	for (const { option, limit, least, most, any } of rows) {
		const number = options.number(option);
		if (number === undefined) continue;
		limits[limit] = number === any ? most : Math.min(most, Math.max(least, number));
		if (number !== any && limits[limit] !== number)
			options.change(options.line(option), `the limit is ${limits[limit]} here`);
	}
	const size = options.line("message_size_limit");
	if (size && size.value !== "0") {
		options.change(size, "it holds for the whole packet, and a client that sends a larger one is disconnected");
	}
	const expiry = options.line("persistent_client_expiration");
	if (expiry) {
		const [, number, unit = ""] = /^(\d+)([shdwmy])$/.exec(expiry.value) ?? [];
		if (number === undefined) options.leaveOut(expiry, "it is no time");
		else limits.sessionExpiryMax = Math.min(billion - 1, Number(number) * (units[unit] ?? 1));
	}
	if (options.flag("retain_available") === false) {
		limits.retainedMessages = 0;
		options.change(
			options.line("retain_available"),
			"a retained message is delivered and not kept; its sender stays connected",
		);
	}
	return limits;
}
