/** Tells the broker's numbers under `$SYS/broker/`, with the names that Mosquitto gives them. */

import { type Load, LoadAverages, loadPeriods } from "./load-average";
import type { MetricsSnapshot } from "./metrics";

/** All topics of this file are below it. */
const ROOT = "$SYS/broker";

/** Selects them, and whatever else the broker itself publishes. */
export const SYS_FILTER = "$SYS/#";

/** The counters of which there are load averages, by the names of their topics. */
const loads = {
	"messages/received": ({ packets }) => packets.received,
	"messages/sent": ({ packets }) => packets.sent,
	"publish/dropped": (metrics) => droppedOf(metrics),
	"publish/received": ({ publish }) => publish.received,
	"publish/sent": ({ publish }) => publish.sent,
	"bytes/received": ({ packets }) => packets.bytesReceived,
	"bytes/sent": ({ packets }) => packets.bytesSent,
	sockets: ({ connections }) => connections.accepted,
	connections: ({ logins }) => logins.tried,
} as const satisfies Record<string, (metrics: MetricsSnapshot) => number>;

type LoadName = keyof typeof loads;
const loadNames = Object.keys(loads) as LoadName[];

/**
 * The topics below `$SYS/broker/` with their values, as Mosquitto 2.0 has them. `messages/...` are packets of all
 * kinds there, `active` and `inactive` are older names of `connected` and `disconnected`, and `retained messages` is
 * written with a space.
 */
export function sysValues(metrics: MetricsSnapshot, version: string): Record<string, string> {
	const { clients, packets, publish, subscriptions, retained, queued, heap, uptime } = metrics;
	const numbers = {
		"bytes/received": packets.bytesReceived,
		"bytes/sent": packets.bytesSent,
		"clients/active": clients.connected,
		"clients/connected": clients.connected,
		"clients/disconnected": clients.disconnected,
		"clients/expired": clients.expired,
		"clients/inactive": clients.disconnected,
		"clients/maximum": clients.maximum,
		"clients/total": clients.total,
		"heap/current": heap.current,
		"heap/maximum": heap.maximum,
		"messages/received": packets.received,
		"messages/sent": packets.sent,
		"messages/stored": retained.count + queued.messages,
		"publish/bytes/received": publish.bytesReceived,
		"publish/bytes/sent": publish.bytesSent,
		"publish/messages/dropped": droppedOf(metrics),
		"publish/messages/received": publish.received,
		"publish/messages/sent": publish.sent,
		"retained messages/count": retained.count,
		"shared_subscriptions/count": subscriptions.shared,
		"store/messages/bytes": retained.bytes + queued.bytes,
		"store/messages/count": retained.count + queued.messages,
		"subscriptions/count": subscriptions.count,
	};
	const texts = Object.entries(numbers).map(([name, value]) => [name, String(value)]);
	return {
		...Object.fromEntries(texts),
		uptime: `${Math.floor(uptime)} seconds`,
		version: `flowbroker ${version}`,
	};
}

function droppedOf({ publish: { dropped } }: MetricsSnapshot): number {
	return dropped.slowClient + dropped.queueFull + dropped.memoryFull;
}

export interface SysTopicsOptions {
	/** Seconds between two rounds; 0 publishes nothing at all. */
	readonly interval: number;
	readonly version: string;
	readonly metrics: () => MetricsSnapshot;
	/** Publishes a retained text. */
	readonly publish: (topic: string, text: string) => void;
}

export class SysTopics {
	readonly #options: SysTopicsOptions;
	#timer: NodeJS.Timeout | undefined;
	#averages = new LoadAverages<LoadName>();
	/** What was published last, by topic. */
	readonly #told = new Map<string, string>();

	constructor(options: SysTopicsOptions) {
		this.#options = options;
	}

	/** Publishes everything now, and from then on what has changed. */
	start(): void {
		const { interval } = this.#options;
		if (interval === 0) return;
		this.#tell();
		this.#timer = setInterval(() => this.#tell(), interval * 1_000);
	}

	stop(): void {
		clearInterval(this.#timer);
		this.#averages = new LoadAverages();
		this.#told.clear();
	}

	#tell(): void {
		const { metrics, version, publish } = this.#options;
		const now = metrics();
		this.#averages.update(performance.now(), totalsOf(now));
		for (const [name, text] of Object.entries({ ...sysValues(now, version), ...this.#loadValues() })) {
			if (this.#told.get(name) === text) continue;
			this.#told.set(name, text);
			publish(`${ROOT}/${name}`, text);
		}
	}

	#loadValues(): Record<string, string> {
		const values: Record<string, string> = {};
		for (const name of loadNames) {
			const load: Load = this.#averages.of(name);
			for (const period of loadPeriods) values[`load/${name}/${period}`] = load[period].toFixed(2);
		}
		return values;
	}
}

function totalsOf(metrics: MetricsSnapshot): Record<LoadName, number> {
	const totals = loadNames.map((name) => [name, loads[name](metrics)]);
	return Object.fromEntries(totals) as Record<LoadName, number>;
}
