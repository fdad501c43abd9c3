/** Publishes in order, one after the other: what can't be sent now waits, within limits. */

import type { Packet } from "mqtt";
import { FlowbrokerError, type Message } from "../../../broker";
import { wordsOf } from "./reason-codes";
import type { QueueLimits } from "./remote-options";
import { whyNotSendable } from "./server-limits";
import type { Session } from "./session";

type Done = (error?: FlowbrokerError) => void;

interface Entry {
	readonly message: Message;
	readonly done: Done;
	readonly bytes: number;
	/** Milliseconds since the epoch. */
	readonly since: number;
}

/** How many messages are with the broker at the same time, when it does not ask for fewer. */
const IN_FLIGHT = 200;
/** Bytes that a waiting message takes beside its payload and topic: a guess. */
const OVERHEAD = 200;

export class Outbox {
	readonly #limits: QueueLimits;
	readonly #now: () => number;
	/** Oldest first. */
	readonly #waiting = new Set<Entry>();
	/** Handed to MQTT.js, which sends them again after a loss of the connection, as long as their QoS is not 0. */
	readonly #sent = new Set<Entry>();
	#bytes = 0;
	#session: Session | undefined;
	#busy = false;
	readonly #idle = new Set<() => void>();

	constructor(limits: QueueLimits, now: () => number = Date.now) {
		this.#limits = limits;
		this.#now = now;
	}

	/** How many messages wait. */
	get waiting(): number {
		return this.#waiting.size;
	}

	/** @param done called once: without error when the broker has acknowledged, with QoS 0 when the message was sent */
	publish(message: Message, done: Done): void {
		if (!this.#session && message.qos === 0 && !this.#limits.qos0) {
			const sentence = `The message for "${message.topic}" was not sent: there is no connection to the broker.`;
			done(new FlowbrokerError("NOT_CONNECTED", sentence));
			return;
		}
		const bytes = message.payload.length + message.topic.length + OVERHEAD;
		if (!this.#canSend() && !this.#makeRoom(bytes)) {
			done(this.#full(message));
			return;
		}
		this.#waiting.add({ message, done, bytes, since: this.#now() });
		this.#bytes += bytes;
		this.#pump();
	}

	attach(session: Session): void {
		this.#session = session;
		this.#pump();
	}

	detach(): void {
		this.#session = undefined;
		for (const entry of [...this.#sent]) if (entry.message.qos === 0) this.#settle(entry, unknownFate(entry));
	}

	/** Resolves when nothing waits and nothing lacks its acknowledgement. */
	async idle(): Promise<void> {
		if (this.#waiting.size + this.#sent.size === 0) return;
		await new Promise<void>((resolve) => this.#idle.add(resolve));
	}

	/** Messages that were sent and not acknowledged are given up: the one who would have heard of it is gone. */
	forgetSent(): void {
		for (const entry of [...this.#sent]) this.#settle(entry, unknownFate(entry));
	}

	/** Gives up everything. */
	end(): void {
		this.forgetSent();
		for (const entry of [...this.#waiting]) {
			this.#take(entry);
			const sentence = `The message for "${entry.message.topic}" was not sent: the connection to the broker was ended.`;
			entry.done(new FlowbrokerError("NOT_CONNECTED", sentence));
		}
		this.#tellIdle();
	}

	/** Nothing is before a new message, and it needs not wait. */
	#canSend(): boolean {
		return this.#waiting.size === 0 && this.#session !== undefined && this.#sent.size < mostSent(this.#session);
	}

	/** @returns false when the new message has to go */
	#makeRoom(bytes: number): boolean {
		const { messages, bytes: most, drop } = this.#limits;
		const fits = () => this.#waiting.size < messages && this.#bytes + bytes <= most;
		if (fits()) return true;
		if (drop === "newest" || bytes > most || messages === 0) return false;
		for (const oldest of this.#waiting) {
			this.#take(oldest);
			oldest.done(this.#full(oldest.message));
			if (fits()) return true;
		}
		return true;
	}

	/** Hands on what may go: not more than the broker takes at a time. */
	#pump(): void {
		// What is done with a message may publish the next one.
		if (this.#busy) return;
		this.#busy = true;
		try {
			for (const entry of this.#waiting) {
				const session = this.#session;
				if (!session || this.#sent.size >= mostSent(session)) break;
				this.#take(entry);
				const problem = this.#expired(entry) ?? whyNotSendable(entry.message, session.limits);
				if (problem) entry.done(problem);
				else this.#send(entry, session);
			}
		} finally {
			this.#busy = false;
		}
		this.#tellIdle();
	}

	#send(entry: Entry, session: Session): void {
		const { topic, payload, qos, retain } = entry.message;
		const properties = this.#properties(entry);
		this.#sent.add(entry);
		session.mqtt.publish(topic, payload, { qos, retain, ...(properties && { properties }) }, (error, packet) => {
			// Told before: the connection was lost or ended.
			if (!this.#sent.has(entry)) return;
			this.#settle(entry, error && refusedBy(entry, error, packet));
			this.#pump();
		});
	}

	/** What waited is valid for less time. */
	#properties({ message: { properties }, since }: Entry): Message["properties"] {
		if (properties?.messageExpiryInterval === undefined) return properties;
		const messageExpiryInterval = properties.messageExpiryInterval - this.#secondsSince(since);
		return { ...properties, messageExpiryInterval };
	}

	#expired({ message: { topic, properties }, since }: Entry): FlowbrokerError | undefined {
		const waited = this.#secondsSince(since);
		if (waited === 0 || waited < (properties?.messageExpiryInterval ?? Infinity)) return undefined;
		const sentence = `The message for "${topic}" was not sent: it expired while there was no connection.`;
		return new FlowbrokerError("MESSAGE_EXPIRED", sentence);
	}

	#secondsSince(since: number): number {
		return Math.max(0, Math.floor((this.#now() - since) / 1000));
	}

	#take(entry: Entry): void {
		this.#waiting.delete(entry);
		this.#bytes -= entry.bytes;
	}

	#settle(entry: Entry, error: FlowbrokerError | undefined): void {
		this.#sent.delete(entry);
		entry.done(error);
	}

	#tellIdle(): void {
		if (this.#waiting.size + this.#sent.size > 0) return;
		for (const resolve of this.#idle) resolve();
		this.#idle.clear();
	}

	#full({ topic }: Message): FlowbrokerError {
		const { messages, bytes } = this.#limits;
		const sentence = `The message for "${topic}" was given up: no more than ${messages} messages and ${bytes} bytes may wait for the connection to the broker.`;
		return new FlowbrokerError("QUEUE_FULL", sentence);
	}
}

function mostSent({ limits }: Session): number {
	return Math.min(limits.receiveMaximum ?? IN_FLIGHT, IN_FLIGHT);
}

function unknownFate({ message: { topic } }: Entry): FlowbrokerError {
	const sentence = `The connection ended before the broker had acknowledged the message for "${topic}": it may have arrived or not.`;
	return new FlowbrokerError("CONNECTION_LOST", sentence);
}

/** @param packet the acknowledgement with which the broker refused */
function refusedBy({ message: { topic } }: Entry, error: Error & { code?: unknown }, packet?: Packet): FlowbrokerError {
	const { code, message } = error;
	const reason = packet?.cmd === "puback" || packet?.cmd === "pubrec" ? packet.properties?.reasonString : undefined;
	const why = typeof code === "number" ? wordsOf(code, reason) : message;
	return new FlowbrokerError("PUBLISH_REFUSED", `The broker did not take the message for "${topic}": ${why}.`, error);
}
