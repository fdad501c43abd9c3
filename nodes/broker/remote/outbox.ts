/** Publishes in order, one after the other: what can't be sent now waits, within limits, and if wanted on the disk. */

import type { Packet } from "mqtt";
import { FlowbrokerError, type KeptMessages, type Message } from "../../../broker";
import type { PublishDone, PublishOptions, PublishResult } from "../../flow-client";
import { wordsOf } from "./reason-codes";
import type { QueueLimits } from "./remote-options";
import { whyNotSendable } from "./server-limits";
import type { Outlet } from "./session";
import { type Entry, restoredEntry, storedMessage, WaitingLine } from "./waiting-line";

export interface OutboxOptions {
	/** Milliseconds since the epoch. */
	readonly now?: () => number;
	/** Where messages wait that are to outlive the process. */
	readonly kept?: KeptMessages | undefined;
}

/** How many messages are with the broker at the same time, when it does not ask for fewer. */
const IN_FLIGHT = 200;

export class Outbox {
	readonly #limits: QueueLimits;
	readonly #now: () => number;
	readonly #kept: KeptMessages | undefined;
	readonly #waiting: WaitingLine;
	/** Handed to MQTT.js, which sends them again after a loss of the connection, as long as their QoS is not 0. */
	readonly #sent = new Set<Entry>();
	#place = 0;
	#session: Outlet | undefined;
	#busy = false;
	readonly #idle = new Set<() => void>();

	constructor(limits: QueueLimits, { now = Date.now, kept }: OutboxOptions = {}) {
		this.#limits = limits;
		this.#now = now;
		this.#kept = kept;
		this.#waiting = new WaitingLine(limits);
	}

	/** How many messages wait. */
	get waiting(): number {
		return this.#waiting.size;
	}

	/** What an earlier process has left goes first. */
	async open(): Promise<void> {
		const left = (await this.#kept?.open()) ?? [];
		this.#place = Math.max(this.#place, left.at(-1)?.place ?? 0);
		this.#waiting.addFirst(left.map(({ place, message }) => restoredEntry(place, message, this.#now())));
	}

	/** @param done called once: without error when the broker has acknowledged, with QoS 0 when the message was sent */
	publish(message: Message, done: PublishDone, { queue, queued }: PublishOptions = {}): void {
		if (!this.#session && ((message.qos === 0 && !this.#limits.qos0) || queue?.drop === "refuse")) {
			const sentence = `The message for "${message.topic}" was not sent: there is no connection to the broker.`;
			done(new FlowbrokerError("NOT_CONNECTED", sentence));
			return;
		}
		const now = this.#now();
		// Larger than before a restart, too.
		this.#place = Math.max(this.#place + 1, now * 1000);
		const entry: Entry = {
			message,
			done,
			queue,
			since: now,
			place: this.#place,
			kept: false,
			sending: undefined,
		};
		const waits = !this.#canSend();
		if (waits && !this.#makeRoom(entry)) {
			done(this.#full(entry));
			return;
		}
		this.#waiting.add(entry);
		if (!this.#session) this.#keep(entry);
		if (waits) queued?.();
		this.#pump();
	}

	attach(session: Outlet): void {
		this.#session = session;
		this.#pump();
	}

	/** Nobody knows for how long: what waits for the broker is put on the disk. */
	detach(): void {
		this.#session = undefined;
		for (const entry of [...this.#sent]) {
			if (entry.message.qos === 0) this.#settle(entry, unknownFate(entry));
			else this.#keep(entry);
		}
		for (const entry of this.#waiting) this.#keep(entry);
	}

	/** Resolves when nothing waits and nothing lacks its acknowledgement. */
	async idle(): Promise<void> {
		if (this.#waiting.size + this.#sent.size === 0) return;
		await new Promise<void>((resolve) => this.#idle.add(resolve));
	}

	/**
	 * The one who would have heard of an acknowledgement is gone: messages with QoS 1 are sent again by the next one.
	 * With QoS 2 they might arrive twice, and are given up.
	 */
	forgetSent(): void {
		const again: Entry[] = [];
		for (const entry of [...this.#sent]) {
			if (entry.message.qos !== 1) {
				this.#settle(entry, unknownFate(entry));
				continue;
			}
			this.#sent.delete(entry);
			entry.sending = undefined;
			again.push(entry);
		}
		this.#waiting.addFirst(again.sort((one, other) => one.place - other.place));
	}

	/**
	 * The end of this process, or of these settings: what is on the disk stays there.
	 * @returns how many messages were given up
	 */
	async end(): Promise<number> {
		this.detach();
		this.forgetSent();
		let lost = 0;
		for (const entry of [...this.#waiting]) {
			this.#waiting.remove(entry);
			if (entry.kept) continue;
			const sentence = `The message for "${entry.message.topic}" was not sent: the connection to the broker was ended.`;
			entry.done(new FlowbrokerError("NOT_CONNECTED", sentence));
			lost++;
		}
		this.#tellIdle();
		await this.#kept?.close();
		return lost;
	}

	/** Nothing is before a new message, and it needs not wait. */
	#canSend(): boolean {
		return this.#waiting.size === 0 && this.#session !== undefined && this.#sent.size < mostSent(this.#session);
	}

	/** @returns false when the new message has to go */
	#makeRoom(entry: Entry): boolean {
		const victims = this.#waiting.victimsFor(entry);
		if (victims === "newest") return false;
		for (const victim of victims) {
			this.#waiting.remove(victim);
			this.#over(victim, this.#full(victim));
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
				this.#waiting.remove(entry);
				const problem = this.#expired(entry) ?? whyNotSendable(entry.message, session.limits);
				if (problem) this.#over(entry, problem);
				else this.#send(entry, session);
			}
		} finally {
			this.#busy = false;
		}
		this.#tellIdle();
	}

	#send(entry: Entry, session: Outlet): void {
		const { topic, payload, qos, retain } = entry.message;
		const properties = this.#properties(entry);
		const sending = Symbol();
		entry.sending = sending;
		this.#sent.add(entry);
		session.mqtt.publish(topic, payload, { qos, retain, ...(properties && { properties }) }, (error, packet) => {
			// Told before: the connection was lost or ended.
			if (!this.#sent.has(entry) || entry.sending !== sending) return;
			this.#settle(entry, error ? refusedBy(entry, error, packet) : undefined, resultOf(error, packet));
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

	#keep(entry: Entry): void {
		if (!this.#kept || entry.kept) return;
		entry.kept = true;
		this.#kept.keep(entry.place, storedMessage(entry));
	}

	#settle(entry: Entry, error: FlowbrokerError | undefined, result?: PublishResult): void {
		this.#sent.delete(entry);
		this.#over(entry, error, result);
	}

	/** Nothing more is to be done for the message. */
	#over(entry: Entry, error: FlowbrokerError | undefined, result?: PublishResult): void {
		if (entry.kept) this.#kept?.forget(entry.place);
		entry.done(error, result);
	}

	#tellIdle(): void {
		if (this.#waiting.size + this.#sent.size > 0) return;
		for (const resolve of this.#idle) resolve();
		this.#idle.clear();
	}

	#full({ message: { topic }, queue }: Entry): FlowbrokerError {
		const { messages, bytes } = this.#limits;
		const own = queue?.messages === undefined ? "" : `${queue.messages} messages of the node, `;
		const sentence = `The message for "${topic}" was given up: no more than ${own}${messages} messages and ${bytes} bytes may wait for the connection to the broker.`;
		return new FlowbrokerError("QUEUE_FULL", sentence);
	}
}

function mostSent({ limits }: Outlet): number {
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

function resultOf(error: (Error & { code?: unknown }) | null | undefined, packet?: Packet): PublishResult {
	if (typeof error?.code === "number") return { reasonCode: error.code };
	const code = packet && "reasonCode" in packet ? packet.reasonCode : undefined;
	return typeof code === "number" ? { reasonCode: code } : {};
}
