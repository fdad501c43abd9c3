/** Writes snapshots of brokers as Prometheus reads them: the text exposition format, version 0.0.4. */

import type { MetricsSnapshot } from "./metrics";

/** The media type of the text, for an HTTP answer. */
export const prometheusContentType = "text/plain; version=0.0.4; charset=utf-8";

/** One broker, with labels that tell it from others: `{ broker: "1a2b" }`. */
export interface LabelledMetrics {
	readonly labels: Readonly<Record<string, string>>;
	readonly metrics: MetricsSnapshot;
}

interface Sample {
	readonly labels?: Readonly<Record<string, string>>;
	readonly value: number;
}

interface Family {
	/** Without the prefix. A counter's name ends with `_total`. */
	readonly name: string;
	readonly help: string;
	readonly of: (metrics: MetricsSnapshot) => number | readonly Sample[];
}

const families: readonly Family[] = [
	{ name: "uptime_seconds", help: "Seconds since the broker was started.", of: (m) => m.uptime },
	{
		name: "connections_accepted_total",
		help: "Connections that listeners have let in.",
		of: (m) => m.connections.accepted,
	},
	{
		name: "connections_refused_total",
		help: "Connections that were not let in, or ended before they were logged in.",
		of: (m) => m.connections.refused,
	},
	{ name: "connections", help: "Open connections.", of: (m) => m.connections.current },
	{ name: "connections_maximum", help: "Most open connections at the same time.", of: (m) => m.connections.maximum },
	{
		name: "clients",
		help: "Clients that are connected, and sessions that are kept for clients that are not.",
		of: (m) => [
			{ labels: { state: "connected" }, value: m.clients.connected },
			{ labels: { state: "disconnected" }, value: m.clients.disconnected },
		],
	},
	{ name: "clients_maximum", help: "Most clients connected at the same time.", of: (m) => m.clients.maximum },
	{
		name: "sessions_expired_total",
		help: "Sessions given up because their client did not come back in time.",
		of: (m) => m.clients.expired,
	},
	{ name: "logins_total", help: "Logins that clients have tried.", of: (m) => m.logins.tried },
	{ name: "logins_failed_total", help: "Logins that were refused.", of: (m) => m.logins.failed },
	{ name: "packets_received_total", help: "MQTT packets from clients.", of: (m) => m.packets.received },
	{ name: "packets_sent_total", help: "MQTT packets to clients.", of: (m) => m.packets.sent },
	{ name: "bytes_received_total", help: "Bytes of MQTT packets from clients.", of: (m) => m.packets.bytesReceived },
	{ name: "bytes_sent_total", help: "Bytes of MQTT packets to clients.", of: (m) => m.packets.bytesSent },
	{ name: "publish_received_total", help: "PUBLISH packets from clients.", of: (m) => m.publish.received },
	{ name: "publish_sent_total", help: "PUBLISH packets to clients.", of: (m) => m.publish.sent },
	{
		name: "publish_received_bytes_total",
		help: "Bytes of PUBLISH packets from clients.",
		of: (m) => m.publish.bytesReceived,
	},
	{ name: "publish_sent_bytes_total", help: "Bytes of PUBLISH packets to clients.", of: (m) => m.publish.bytesSent },
	{
		name: "publish_dropped_total",
		help: "Messages that a client did not get.",
		of: (m) => [
			{ labels: { reason: "slow_client" }, value: m.publish.dropped.slowClient },
			{ labels: { reason: "queue_full" }, value: m.publish.dropped.queueFull },
			{ labels: { reason: "memory_full" }, value: m.publish.dropped.memoryFull },
		],
	},
	{
		name: "denied_total",
		help: "Actions of clients that their rights do not allow.",
		of: (m) => [
			{ labels: { action: "publish" }, value: m.denied.publish },
			{ labels: { action: "subscribe" }, value: m.denied.subscribe },
			{ labels: { action: "receive" }, value: m.denied.receive },
		],
	},
	{ name: "subscriptions", help: "Topic filters of connected clients.", of: (m) => m.subscriptions.count },
	{ name: "subscriptions_shared", help: "Those that are shared subscriptions.", of: (m) => m.subscriptions.shared },
	{ name: "retained_messages", help: "Retained messages, without $SYS.", of: (m) => m.retained.count },
	{ name: "retained_bytes", help: "Bytes of retained messages, without $SYS.", of: (m) => m.retained.bytes },
	{
		name: "retained_refused_total",
		help: "Retained messages that were not kept because there are too many.",
		of: (m) => m.retained.refused,
	},
	{ name: "queued_messages", help: "Messages in the queues of all sessions.", of: (m) => m.queued.messages },
	{ name: "queued_bytes", help: "Bytes of memory that those messages take.", of: (m) => m.queued.bytes },
	{
		name: "clients_slowed_total",
		help: "How often a client was slowed down because of its limits of messages or bytes in a second.",
		of: (m) => m.slowed,
	},
	{
		name: "certificate_days_left",
		help: "Whole days until the certificate of a listener expires.",
		of: (m) => m.certificates.map(({ listener, daysLeft }) => ({ labels: { listener }, value: daysLeft })),
	},
	{ name: "process_heap_bytes", help: "JavaScript heap in use, of the whole process.", of: (m) => m.heap.current },
];

/** @param brokers one or several: each name is described once, however many there are */
export function prometheusText(brokers: readonly LabelledMetrics[]): string {
	return families.map((family) => familyText(family, brokers)).join("");
}

function familyText({ name, help, of }: Family, brokers: readonly LabelledMetrics[]): string {
	const full = `flowbroker_${name}`;
	const lines = [`# HELP ${full} ${help}`, `# TYPE ${full} ${name.endsWith("_total") ? "counter" : "gauge"}`];
	for (const { labels, metrics } of brokers) {
		const found = of(metrics);
		const samples: readonly Sample[] = typeof found === "number" ? [{ value: found }] : found;
		for (const sample of samples) lines.push(`${full}${labelText({ ...labels, ...sample.labels })} ${sample.value}`);
	}
	return `${lines.join("\n")}\n`;
}

function labelText(labels: Readonly<Record<string, string>>): string {
	const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
	return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escaped(value: string): string {
	return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
