/**
 * Finds out that a flow publishes to what it subscribes to, again and again, faster than a machine should have to bear.
 *
 * The message that an in node sends has an id, and Node-RED's nodes keep it on the way to an out node. What is published
 * there is known again by topic and payload when it arrives, wherever the broker is. A message that comes back once, or
 * now and then, is no fault; one that does so {@link MOST_RETURNS} times within {@link WINDOW} is a loop.
 */

import type { Message } from "../broker";

/** Milliseconds. */
const WINDOW = 10_000;
/** How often a message may come back to the same node within the window. */
export const MOST_RETURNS = 1_000;
/** How often all messages that one has brought about may come back: a loop may multiply them. */
const MOST_OFFSPRING = 5_000;
/** How many messages and publications are remembered, at the least, for as long as the window is. */
const REMEMBERED = 10_000;
/** Bytes at both ends of a long payload by which it is known again. */
const SAMPLE = 128;

interface Visits {
	readonly node: string;
	readonly count: number;
	/** When the first of them was. */
	readonly since: number;
}

/** How a message has come to be: through which in nodes, how often. */
interface Trip {
	readonly visits: readonly Visits[];
	/** Shared by everything that one message has brought about. */
	readonly origin: { returns: number; since: number };
}

/** Remembers the newest. They are forgotten many at a time: a Map is slow when its first entry is taken out each time. */
class Recent {
	#newer = new Map<string, Trip>();
	#older = new Map<string, Trip>();
	/** Of the newer ones. */
	#since = 0;

	set(key: string, trip: Trip, now: number): void {
		this.#turn(now);
		this.#newer.set(key, trip);
	}

	get(key: string, now: number): Trip | undefined {
		this.#turn(now);
		return this.#newer.get(key) ?? this.#older.get(key);
	}

	clear(): void {
		this.#newer = new Map();
		this.#older = new Map();
	}

	#turn(now: number): void {
		const age = now - this.#since;
		if (age <= WINDOW && this.#newer.size < REMEMBERED) return;
		this.#older = age > 2 * WINDOW ? new Map() : this.#newer;
		this.#newer = new Map();
		this.#since = now;
	}

	get isEmpty(): boolean {
		return this.#newer.size + this.#older.size === 0;
	}
}

export class LoopGuard {
	readonly #now: () => number;
	/** By id of the message in the flow. */
	readonly #underWay = new Recent();
	/** By topic and payload. */
	readonly #published = new Recent();

	/** @param now milliseconds */
	constructor(now: () => number = () => performance.now()) {
		this.#now = now;
	}

	/**
	 * A message arrives at an in node, and is to go into the flow.
	 * @param id of the message in the flow
	 * @returns true when it is part of a loop and must not go on
	 */
	arrives(node: string, message: Message, id: string): boolean {
		const now = this.#now();
		const before = this.#published.isEmpty ? undefined : this.#published.get(keyOf(message), now);
		const seen = within(
			before?.visits.find((one) => one.node === node),
			now,
		);
		const origin = before?.origin ?? { returns: 0, since: now };
		if (seen) {
			if (now - origin.since > WINDOW) Object.assign(origin, { returns: 0, since: now });
			origin.returns++;
			if (seen.count >= MOST_RETURNS || origin.returns > MOST_OFFSPRING) return true;
		}
		const visit = seen ? { node, count: seen.count + 1, since: seen.since } : { node, count: 0, since: now };
		const others = before ? before.visits.filter((one) => one.node !== node) : [];
		this.#underWay.set(id, { visits: [...others, visit], origin }, now);
		return false;
	}

	/** The flow is another one now. */
	clear(): void {
		this.#underWay.clear();
		this.#published.clear();
	}

	/** The flow publishes a message. @param id of the message in the flow */
	leaves(id: unknown, message: Message): void {
		if (typeof id !== "string" || this.#underWay.isEmpty) return;
		const now = this.#now();
		const trip = this.#underWay.get(id, now);
		if (trip) this.#published.set(keyOf(message), trip, now);
	}
}

function within(visits: Visits | undefined, now: number): Visits | undefined {
	return visits && now - visits.since <= WINDOW ? visits : undefined;
}

function keyOf({ topic, payload }: Message): string {
	const { length } = payload;
	const sample =
		length <= 2 * SAMPLE
			? payload.toString("latin1", 0, length)
			: `${length} ${payload.toString("latin1", 0, SAMPLE)}${payload.toString("latin1", length - SAMPLE, length)}`;
	return `${topic}\0${sample}`;
}
