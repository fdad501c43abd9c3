/** The numbers that a broker tells about itself: counters that are kept as things happen, and a snapshot of them. */

import type { Traffic } from "./engine/traffic";

/** Counted since the broker was made. */
export interface Counters {
	/** `accepted` were let in; `refused` were not, or ended before they were logged in. */
	connections: { accepted: number; refused: number; current: number; maximum: number };
	clients: { current: number; maximum: number; expired: number };
	/** CONNECT packets that asked to be let in. */
	logins: { tried: number; failed: number };
	dropped: { slowClient: number; queueFull: number; memoryFull: number };
	slowed: { times: number };
	retained: { refused: number };
	denied: { publish: number; subscribe: number; receive: number };
	heapMaximum: number;
}

export function emptyCounters(): Counters {
	return {
		connections: { accepted: 0, refused: 0, current: 0, maximum: 0 },
		clients: { current: 0, maximum: 0, expired: 0 },
		logins: { tried: 0, failed: 0 },
		dropped: { slowClient: 0, queueFull: 0, memoryFull: 0 },
		slowed: { times: 0 },
		retained: { refused: 0 },
		denied: { publish: 0, subscribe: 0, receive: 0 },
		heapMaximum: 0,
	};
}

/** What is left of the certificate of a listener. */
export interface CertificateDays {
	/** Name of the listener. */
	readonly listener: string;
	/** Whole days; negative when it has expired. */
	readonly daysLeft: number;
}

/** What is not counted but looked up at the time of the snapshot. */
export interface Observation {
	/** Milliseconds since 1970. */
	readonly at: number;
	/** Seconds since the broker was started; 0 for one that does not run. */
	readonly uptime: number;
	readonly traffic: Readonly<Traffic>;
	/** Sessions without connection that are kept for their clients. */
	readonly offline: number;
	/** Topic filters of the clients that are connected. */
	readonly filters: Iterable<string>;
	/** Without what the broker itself keeps under `$SYS/`. */
	readonly retained: { readonly count: number; readonly bytes: number };
	readonly queued: { readonly messages: number; readonly bytes: number };
	readonly certificates: readonly CertificateDays[];
	/** Bytes of JavaScript heap in use, of the whole process. */
	readonly heap: number;
}

/** Everything at one moment. Totals count since the broker was made; `current` and the like are of now. */
export interface MetricsSnapshot {
	/** Milliseconds since 1970. */
	readonly at: number;
	/** Seconds since the broker was started; 0 for one that does not run. */
	readonly uptime: number;
	readonly connections: {
		readonly accepted: number;
		/** Ended before they were logged in, or not even let in. */
		readonly refused: number;
		readonly current: number;
		readonly maximum: number;
	};
	readonly clients: {
		readonly connected: number;
		/** Sessions without connection that are kept for their clients. */
		readonly disconnected: number;
		readonly total: number;
		/** The most that were connected at the same time. */
		readonly maximum: number;
		/** Sessions that were given up because their client did not come back in time. */
		readonly expired: number;
	};
	readonly logins: { readonly tried: number; readonly failed: number };
	/** MQTT packets of all kinds, and all their bytes. */
	readonly packets: Flow;
	/** PUBLISH packets, and their bytes. */
	readonly publish: Flow & {
		/**
		 * Messages that a client did not get: it reads too slowly, its queue is full, or the memory for all queues is.
		 */
		readonly dropped: { readonly slowClient: number; readonly queueFull: number; readonly memoryFull: number };
	};
	/** Actions of clients that their rights do not allow. */
	readonly denied: { readonly publish: number; readonly subscribe: number; readonly receive: number };
	/** Of the clients that are connected; `shared` are those with `$share/`. */
	readonly subscriptions: { readonly count: number; readonly shared: number };
	/** Without what the broker itself keeps under `$SYS/`; `refused` were not kept because there are too many. */
	readonly retained: { readonly count: number; readonly bytes: number; readonly refused: number };
	/** Messages in the queues of all sessions, and the memory that they take. */
	readonly queued: { readonly messages: number; readonly bytes: number };
	/** How often the broker has read from a client more slowly, because of its limits of messages or bytes in a second. */
	readonly slowed: number;
	/** Of the listeners that have one. */
	readonly certificates: readonly CertificateDays[];
	/** Bytes of JavaScript heap in use, of the whole process; `maximum` is the most that a snapshot has seen. */
	readonly heap: { readonly current: number; readonly maximum: number };
}

/** Network traffic from clients (`received`) and to them (`sent`). */
export interface Flow {
	readonly received: number;
	readonly sent: number;
	readonly bytesReceived: number;
	readonly bytesSent: number;
}

/** Puts counters and observations together. Nothing in it changes afterwards. */
export function snapshot(counters: Readonly<Counters>, observed: Observation): MetricsSnapshot {
	const { connections, clients, logins, dropped, denied } = counters;
	const { at, uptime, traffic, offline, filters, retained, queued, certificates, heap } = observed;
	return {
		at,
		uptime,
		connections: { ...connections },
		clients: {
			connected: clients.current,
			disconnected: offline,
			total: clients.current + offline,
			maximum: clients.maximum,
			expired: clients.expired,
		},
		logins: { ...logins },
		packets: {
			received: traffic.packetsIn,
			sent: traffic.packetsOut,
			bytesReceived: traffic.bytesIn,
			bytesSent: traffic.bytesOut,
		},
		publish: {
			received: traffic.messagesIn,
			sent: traffic.messagesOut,
			bytesReceived: traffic.messageBytesIn,
			bytesSent: traffic.messageBytesOut,
			dropped: { ...dropped },
		},
		denied: { ...denied },
		subscriptions: countFilters(filters),
		retained: { ...retained, refused: counters.retained.refused },
		queued: { ...queued },
		slowed: counters.slowed.times,
		certificates: [...certificates],
		heap: { current: heap, maximum: Math.max(heap, counters.heapMaximum) },
	};
}

function countFilters(filters: Iterable<string>): { count: number; shared: number } {
	let count = 0;
	let shared = 0;
	for (const filter of filters) {
		count++;
		if (filter.startsWith("$share/")) shared++;
	}
	return { count, shared };
}
