/** Somebody who sees every message of a home, and can tell when nothing more happens. */

import type { Socket } from "node:net";
import { LookOut } from "./look-out";
import { connect, type Received, type TestClient } from "./mqtt-client";

/** A message, and what time it was in the flows. */
export interface Entry {
	readonly at: Date;
	readonly topic: string;
	readonly text: string;
}

export class HomeWatch {
	readonly #client: TestClient;
	readonly #latest = new Map<string, Received>();
	readonly #lookOut = new LookOut();
	readonly #log: Entry[] = [];
	#marks = 0;

	private constructor(client: TestClient, now: () => Date) {
		this.#client = client;
		client.mqtt.on("message", () => {
			const message = client.received.at(-1);
			if (message) this.#latest.set(message.topic, message);
			// What was retained is no news.
			if (message && !message.retain) this.#log.push({ at: now(), topic: message.topic, text: message.text });
			this.#lookOut.changed();
		});
	}

	/** @param now what time it is, for {@link log} */
	static async open(
		url: string,
		options: Parameters<typeof connect>[1] = {},
		now: () => Date = () => new Date(),
	): Promise<HomeWatch> {
		const client = await connect(url, { protocolVersion: 5, ...options });
		// Every mark is a small packet that somebody waits for.
		const atOnce = () => (client.mqtt.stream as Socket).setNoDelay(true);
		atOnce();
		client.mqtt.on("connect", atOnce);
		const watch = new HomeWatch(client, now);
		await client.mqtt.subscribeAsync("#", { qos: 1, rap: false });
		return watch;
	}

	/** The last message of a topic, as text. */
	latest(topic: string): string | undefined {
		return this.#latest.get(topic)?.text;
	}

	/** Resolves when the last message of the topic is that text, or one that fits. */
	async until(topic: string, fits: string | ((text: string) => boolean)): Promise<string> {
		return this.#lookOut.until(() => {
			const text = this.latest(topic);
			if (text === undefined) return undefined;
			return (typeof fits === "string" ? text === fits : fits(text)) ? text : undefined;
		});
	}

	/** All messages of a topic so far, as text, oldest first. */
	all(topic: string): string[] {
		return this.#client.received.filter((message) => message.topic === topic).map(({ text }) => text);
	}

	/** All that one topic has said, with the time. {@link clear} does not forget it. */
	log(topic: string): Entry[] {
		return this.#log.filter((entry) => entry.topic === topic);
	}

	/** Resolves when the watch was cut off, and is back. */
	async back(): Promise<void> {
		const { mqtt } = this.#client;
		if (mqtt.connected) await new Promise<void>((resolve) => mqtt.once("close", () => resolve()));
		if (!mqtt.connected) await new Promise<void>((resolve) => mqtt.once("connect", () => resolve()));
		// MQTT.js subscribes again by itself; this one is acknowledged.
		await mqtt.subscribeAsync("#", { qos: 1, rap: false });
	}

	/** Everything that can be seen in a topic tree, without the marks of {@link settle}. */
	messages(): Array<[topic: string, text: string]> {
		return this.#client.received
			.filter(({ topic }) => !topic.startsWith("test/"))
			.map(({ topic, text }): [string, string] => [topic, text]);
	}

	/** Forgets what was seen. */
	clear(): void {
		this.#client.received.length = 0;
		this.#latest.clear();
	}

	async publish(topic: string, payload: unknown, options: { retain?: boolean; qos?: 0 | 1 | 2 } = {}): Promise<void> {
		const text = typeof payload === "string" ? payload : JSON.stringify(payload);
		await this.#client.mqtt.publishAsync(topic, text, { qos: 1, ...options });
	}

	/**
	 * Resolves when the home is quiet: several marks in a row went to the broker and came back with nothing between them.
	 * A flow that answers a message, and a device that answers the flow, come before the mark after them.
	 */
	async settle(quietMarks = 3): Promise<void> {
		for (let quiet = 0; quiet < quietMarks; ) {
			const seen = this.#client.received.length;
			const mark = `test/mark/${++this.#marks}`;
			await this.publish(mark, "");
			await this.until(mark, "");
			quiet = this.#client.received.length === seen + 1 ? quiet + 1 : 0;
		}
	}

	async close(): Promise<void> {
		await this.#client.close();
	}
}
