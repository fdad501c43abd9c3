/**
 * What waits to be written to one client. Everything that is written within one turn of the event loop leaves in one
 * write, and what may wait is bounded: a client that does not read loses QoS 0 messages first, then its connection.
 */

import type { Duplex } from "node:stream";
import type { Traffic } from "../traffic";

/** First byte of a PUBLISH with QoS 0, without the retain bit. [MQTT-3.3.1] */
const PUBLISH_QOS_0 = 0x30;
const RETAIN_AND_NOTHING_ELSE = 0x01;
const PUBLISH = 3;

export interface OutboxEvents {
	/** A QoS 0 message was not written because too much waits. */
	dropped(): void;
	/** Twice the limit waits: the client is too slow to be served. */
	overflow(): void;
}

export class Outbox {
	#chunks: Buffer[] = [];
	#bytes = 0;
	#scheduled = false;
	#dropping = false;
	#packetStarts = false;
	#isPublish = false;

	/**
	 * @param limit bytes that may wait before QoS 0 messages are dropped
	 * @param traffic counts what is handed to the connection
	 */
	constructor(
		readonly connection: Duplex,
		readonly limit: number,
		readonly events: OutboxEvents,
		readonly traffic: Traffic,
	) {}

	/** The next `write` is the first byte of a packet. */
	startPacket(): void {
		this.#packetStarts = true;
	}

	write(chunk: Buffer | string): void {
		const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
		if (this.#packetStarts) {
			this.#packetStarts = false;
			this.#dropping = this.#mustDrop(bytes);
			if (!this.#dropping) this.#countPacket((bytes[0] ?? 0) >> 4 === PUBLISH);
		}
		if (this.#dropping) return;
		if (this.#isPublish) this.traffic.messageBytesOut += bytes.length;
		this.#chunks.push(bytes);
		this.#bytes += bytes.length;
		if (!this.#scheduled) {
			this.#scheduled = true;
			setImmediate(this.#flushLater);
		}
	}

	/** May a list of messages go on? It fills no more than the connection takes at once: the rest is for what is new. */
	get hasRoom(): boolean {
		return !this.connection.writableNeedDrain && this.#bytes < this.connection.writableHighWaterMark;
	}

	/** Resolves also when the connection is gone. */
	async room(): Promise<void> {
		while (!this.hasRoom && this.connection.writable) {
			if (this.connection.writableNeedDrain) await drained(this.connection);
			else await new Promise((resolve) => setImmediate(resolve));
		}
	}

	/** Hands everything to the connection now. */
	flush(): void {
		if (this.#chunks.length === 0) return;
		const chunks = this.#chunks;
		const bytes = this.#bytes;
		this.#chunks = [];
		this.#bytes = 0;
		if (!this.connection.writable) return;
		this.traffic.bytesOut += bytes;
		this.connection.write(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, bytes));
	}

	readonly #flushLater = (): void => {
		this.#scheduled = false;
		this.flush();
	};

	#countPacket(isPublish: boolean): void {
		this.#isPublish = isPublish;
		this.traffic.packetsOut++;
		if (isPublish) this.traffic.messagesOut++;
	}

	#mustDrop(first: Buffer): boolean {
		const waiting = this.#bytes + this.connection.writableLength;
		if (waiting < this.limit) return false;
		const type = first[0] ?? 0;
		if ((type & ~RETAIN_AND_NOTHING_ELSE) === PUBLISH_QOS_0) {
			this.events.dropped();
			return true;
		}
		if (waiting >= 2 * this.limit) {
			this.events.overflow();
			return true;
		}
		return false;
	}
}

/** Resolves also when the connection closes. */
function drained(connection: Duplex): Promise<void> {
	return new Promise((resolve) => {
		const done = () => {
			connection.off("drain", done);
			connection.off("close", done);
			resolve();
		};
		connection.on("drain", done);
		connection.on("close", done);
	});
}
