/**
 * Recognises our own messages when the other broker sends them back. MQTT 5 has "no local" against that, and Mosquitto's
 * bridge bit does the same; for brokers with neither this is a bounded memory of what was sent lately.
 */

import { crc32 } from "node:zlib";
import type { Message } from "../message";

/** Milliseconds in which an echo comes, if one comes. */
const PATIENCE = 10_000;
const REMEMBERED = 10_000;
/** So many messages that all come back, one after the other, show that the other broker echoes. */
const ECHOES = 5;
/** So many messages of which none comes back show that it does not. */
const SILENCE = 20;

interface Sent {
	readonly key: string;
	readonly at: number;
	isBack: boolean;
}

/**
 * A broker that has accepted the bridge bit is trusted: an equal message is that of another client, such as a button that
 * is pressed once more. Where everything comes back all the same, equal messages count as echoes from then on.
 */
export class EchoMemory {
	readonly #now: () => number;
	/** The other broker is known to echo. */
	#isCertain = false;
	/** It was seen to. */
	#wasSeen = false;
	/** Those that are still expected back, oldest first. */
	readonly #expected = new Map<string, Sent[]>();
	/** All of the last seconds, oldest first. */
	readonly #line = new Set<Sent>();
	/** In a row. */
	#back = 0;
	#missing = 0;

	constructor(now: () => number = Date.now) {
		this.#now = now;
	}

	/** @param bridgeBit the other broker has accepted it, and should not echo */
	connected(bridgeBit: boolean): void {
		this.#isCertain = !bridgeBit;
	}

	/** A message goes to the other broker, which may send it back. */
	sent(message: Message): void {
		this.#forget();
		const sent = { key: keyOf(message), at: this.#now(), isBack: false };
		this.#line.add(sent);
		const equal = this.#expected.get(sent.key);
		if (equal) equal.push(sent);
		else this.#expected.set(sent.key, [sent]);
	}

	/** @returns true when the message is one of ours that comes back */
	isEcho(message: Message): boolean {
		this.#forget();
		const echoed = this.#take(keyOf(message));
		if (!echoed) return false;
		echoed.isBack = true;
		this.#missing = 0;
		if (++this.#back >= ECHOES) this.#wasSeen = true;
		return this.#isCertain || this.#wasSeen;
	}

	/** What is too old, or too much, is not expected any more. */
	#forget(): void {
		const since = this.#now() - PATIENCE;
		for (const sent of this.#line) {
			const isLate = sent.at <= since;
			if (!isLate && this.#line.size < REMEMBERED) break;
			this.#line.delete(sent);
			if (sent.isBack) continue;
			this.#take(sent.key);
			if (!isLate) continue;
			this.#back = 0;
			if (++this.#missing >= SILENCE) this.#wasSeen = false;
		}
	}

	/** The oldest that is expected back. */
	#take(key: string): Sent | undefined {
		const equal = this.#expected.get(key);
		const oldest = equal?.shift();
		if (equal?.length === 0) this.#expected.delete(key);
		return oldest;
	}
}

function keyOf({ topic, payload }: Message): string {
	return `${crc32(payload).toString(16)}:${payload.length}:${topic}`;
}
