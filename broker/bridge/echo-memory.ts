/**
 * Recognises our own messages when the other broker sends them back. MQTT 5 has "no local" against that, and Mosquitto's
 * bridge bit does the same; for brokers with neither this is a bounded memory of what was sent lately.
 */

import { crc32 } from "node:zlib";
import type { Message } from "../message";

/** Milliseconds in which an echo comes, if one comes. */
const PATIENCE = 10_000;
const REMEMBERED = 10_000;
/** So many messages without an echo show that the other broker sends none. */
const PROOF = 20;

interface Sent {
	readonly key: string;
	readonly at: number;
	isBack: boolean;
}

/**
 * While it is not known whether the other broker echoes, the first message that equals one of ours counts as the echo.
 * A broker that is seen not to echo is trusted from then on: equal messages of other clients are let through.
 */
export class EchoMemory {
	readonly #now: () => number;
	#mode: "unknown" | "echoes" | "silent" = "unknown";
	/** Those that are still expected back, oldest first. */
	readonly #expected = new Map<string, Sent[]>();
	/** All of the last seconds, oldest first. */
	readonly #line = new Set<Sent>();
	#without = 0;

	/** @param certain the other broker is known to echo */
	constructor(certain: boolean, now: () => number = Date.now) {
		if (certain) this.#mode = "echoes";
		this.#now = now;
	}

	/** A message goes to the other broker, which may send it back. */
	sent(message: Message): void {
		if (this.#mode === "silent") return;
		this.#forget();
		const sent = { key: keyOf(message), at: this.#now(), isBack: false };
		this.#line.add(sent);
		const equal = this.#expected.get(sent.key);
		if (equal) equal.push(sent);
		else this.#expected.set(sent.key, [sent]);
	}

	/** @returns true when the message is one of ours that comes back */
	isEcho(message: Message): boolean {
		if (this.#mode === "silent") return false;
		this.#forget();
		const echoed = this.#take(keyOf(message));
		if (!echoed) return false;
		echoed.isBack = true;
		this.#mode = "echoes";
		return true;
	}

	/** What is too old, or too much, is not expected any more. */
	#forget(): void {
		const since = this.#now() - PATIENCE;
		for (const sent of this.#line) {
			if (sent.at > since && this.#line.size < REMEMBERED) break;
			this.#line.delete(sent);
			if (sent.isBack) continue;
			this.#take(sent.key);
			this.#without++;
		}
		if (this.#mode !== "unknown" || this.#without < PROOF) return;
		this.#mode = "silent";
		this.#expected.clear();
		this.#line.clear();
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
