/** Follows the topics of a broker while somebody looks at them: the last message of each, in bounded memory. */

import type { Broker } from "../broker";
import type { Message, QoS } from "../message";
import { type PayloadView, payloadView } from "./payload-view";

export interface TopicTreeLimits {
	/** Topics that are followed; further ones are only counted. */
	readonly topics: number;
	/** Bytes of topics and payloads. */
	readonly bytes: number;
	/** Bytes of one payload that are kept: its beginning. */
	readonly payload: number;
	/** Milliseconds after the last look until everything is forgotten. */
	readonly lease: number;
}

export const topicTreeLimits = {
	topics: 50_000,
	bytes: 32 * 1_024 * 1_024,
	payload: 2_048,
	lease: 15_000,
} as const satisfies TopicTreeLimits;

/** A topic with its last message. */
export interface TopicView extends PayloadView {
	readonly topic: string;
	readonly qos: QoS;
	/** Was it sent to be kept? */
	readonly retained: boolean;
	/** Milliseconds since 1970; `null` for a retained message from before somebody looked. */
	readonly at: number | null;
	/** Messages since somebody looks. */
	readonly count: number;
	/** The client that sent it; `null` for the flow, the broker and messages from before. */
	readonly from: string | null;
}

/** What has changed since the last look. */
export interface TopicChanges {
	/** To be given with the next request. */
	readonly cursor: string;
	/** True when everything known before is out of date: what is told here starts anew. */
	readonly restart: boolean;
	/** True when there are more changes already: ask again at once. */
	readonly more: boolean;
	/** Topics that are followed. */
	readonly total: number;
	/** Messages on topics that are not followed because there are too many. */
	readonly ignored: number;
	readonly topics: readonly TopicView[];
}

interface Entry extends Omit<TopicView, keyof PayloadView> {
	readonly payload: Buffer;
	/** Bytes of the whole payload. */
	readonly size: number;
	readonly revision: number;
}

/** Bytes of a payload in a list; the rest is asked for topic by topic. */
const PREVIEW = 160;
/** Bytes that an entry takes beside its topic and payload, roughly. */
const OVERHEAD = 200;

export class TopicTree {
	readonly #broker: Broker;
	readonly #limits: TopicTreeLimits;
	/** In the order of the last change. */
	readonly #entries = new Map<string, Entry>();
	#revision = 0;
	#bytes = 0;
	#ignored = 0;
	/** Tells one period of looking from the next. */
	#period = 0;
	#lease: NodeJS.Timeout | undefined;

	constructor(broker: Broker, limits: TopicTreeLimits = topicTreeLimits) {
		this.#broker = broker;
		this.#limits = limits;
	}

	/** @param since the cursor of the answer before. @param most topics in the answer */
	changes(since: string | undefined, most: number): TopicChanges {
		this.#look();
		const [period, revision = 0] = (since ?? "").split(".").map(Number);
		const restart = period !== this.#period;
		const from = restart ? 0 : revision;
		const topics: TopicView[] = [];
		let last = from;
		for (const entry of this.#entries.values()) {
			if (entry.revision <= from) continue;
			if (topics.length === most) break;
			topics.push(viewOf(entry, PREVIEW));
			last = entry.revision;
		}
		return {
			cursor: `${this.#period}.${last}`,
			restart,
			more: last < this.#revision,
			total: this.#entries.size,
			ignored: this.#ignored,
			topics,
		};
	}

	/** With as much of the payload as is kept. */
	topic(topic: string): TopicView | undefined {
		this.#look();
		const entry = this.#entries.get(topic);
		return entry && viewOf(entry, this.#limits.payload);
	}

	/** Topics with that part in their name, those that begin with it first. @param most how many */
	names(part: string, most: number): string[] {
		this.#look();
		const wanted = part.toLowerCase();
		const begin: string[] = [];
		const hold: string[] = [];
		for (const topic of this.#entries.keys()) {
			const at = topic.toLowerCase().indexOf(wanted);
			if (at === 0) begin.push(topic);
			else if (at > 0) hold.push(topic);
		}
		return [...begin.sort(), ...hold.sort()].slice(0, most);
	}

	/** Forgets everything. */
	stop(): void {
		if (!this.#lease) return;
		clearTimeout(this.#lease);
		this.#lease = undefined;
		this.#broker.events.off("published", this.#published);
		this.#entries.clear();
		this.#bytes = 0;
		this.#ignored = 0;
	}

	#look(): void {
		if (this.#lease) {
			this.#lease.refresh();
			return;
		}
		this.#lease = setTimeout(() => this.stop(), this.#limits.lease).unref();
		this.#period = Math.max(Date.now(), this.#period + 1);
		for (const message of this.#broker.retained("#")) this.#put(message, null, null);
		this.#broker.events.on("published", this.#published);
	}

	readonly #published = (message: Message, clientId: string | undefined): void => {
		this.#put(message, clientId ?? null, Date.now());
	};

	#put({ topic, payload, qos, retain }: Message, from: string | null, at: number | null): void {
		const { topics, bytes, payload: longest } = this.#limits;
		const before = this.#entries.get(topic);
		const own = topic.length + OVERHEAD;
		const others = before ? this.#bytes - own - before.payload.length : this.#bytes;
		if (!before && (this.#entries.size >= topics || others + own > bytes)) {
			this.#ignored++;
			return;
		}
		const room = Math.max(0, Math.min(longest, bytes - others - own));
		// A copy: a part of the buffer would keep the whole packet in memory.
		const kept = Buffer.from(payload.subarray(0, room));
		this.#bytes = others + own + kept.length;
		this.#entries.delete(topic);
		this.#entries.set(topic, {
			topic,
			qos,
			retained: retain && payload.length > 0,
			at,
			count: (before?.count ?? 0) + (at === null ? 0 : 1),
			from,
			payload: kept,
			size: payload.length,
			revision: ++this.#revision,
		});
	}
}

function viewOf({ revision: _revision, payload, size, ...rest }: Entry, most: number): TopicView {
	const shown = payloadView(payload.subarray(0, most), size);
	return { ...rest, ...shown };
}
