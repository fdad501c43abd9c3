/**
 * What waits to be written to one client, bounded: a client that does not read loses QoS 0 messages first; messages of
 * QoS 1 and 2 wait in its session; and when even answers find no room, it loses its connection.
 */

import type { Duplex } from "node:stream";
import type { Traffic } from "../traffic";
import type { Flusher } from "./flusher";

/** Chunks of this size on average are handed on as they are: to copy them into one would cost more than it saves. */
const LARGE = 8_192;

export class Outgoing {
	#chunks: Buffer[] = [];
	#bytes = 0;
	/** Bytes that the connection has not passed on, as far as is known. */
	#below = 0;
	#closed = false;
	/** Somebody asked for room when there was none. */
	#asked = false;
	readonly #roomy: () => void;

	/**
	 * @param limit bytes that may wait before QoS 0 messages are dropped
	 * @param overflow is told when twice the limit waits
	 * @param roomy is told when there is room again, where somebody has asked for it
	 */
	constructor(
		readonly connection: Duplex,
		readonly limit: number,
		readonly flusher: Flusher,
		readonly traffic: Traffic,
		readonly overflow: () => void,
		roomy: () => void,
	) {
		this.#roomy = roomy;
		connection.on("drain", () => {
			this.#below = 0;
			this.#tellRoom();
		});
	}

	/** May another message be written? */
	get hasRoom(): boolean {
		return this.roomBelow(this.limit);
	}

	/** Does less than that wait? @param bytes fewer than the limit, for what can wait longer than others */
	roomBelow(bytes: number): boolean {
		if (this.#bytes + this.#below < bytes) return true;
		this.#asked = true;
		return false;
	}

	/** A PUBLISH, for which there is room. */
	writeMessage(packet: Buffer): void {
		this.traffic.messagesOut++;
		this.traffic.messageBytesOut += packet.length;
		this.#write(packet);
	}

	/** Any other packet. */
	write(packet: Buffer): void {
		if (this.#bytes + this.#below >= 2 * this.limit) this.overflow();
		else this.#write(packet);
	}

	/** Past any limit. */
	writeLast(packet: Buffer): void {
		this.#write(packet);
	}

	/** Hands everything to the connection now. */
	flush(): void {
		const chunks = this.#chunks;
		if (chunks.length === 0) return;
		const bytes = this.#bytes;
		this.#chunks = [];
		this.#bytes = 0;
		const { connection } = this;
		if (this.#closed || !connection.writable) return;
		this.traffic.bytesOut += bytes;
		if (chunks.length === 1) connection.write(chunks[0]);
		else if (bytes < chunks.length * LARGE) connection.write(Buffer.concat(chunks, bytes));
		else {
			connection.cork();
			for (const chunk of chunks) connection.write(chunk);
			connection.uncork();
		}
		this.#below = connection.writableLength;
		// What the system takes at once is followed by no `drain`.
		if (this.#below === 0) this.#tellRoom();
	}

	/** The last flush; nothing is written any more. */
	close(): void {
		this.flush();
		this.#closed = true;
	}

	#tellRoom(): void {
		if (!this.#asked) return;
		this.#asked = false;
		this.#roomy();
	}

	#write(packet: Buffer): void {
		if (this.#closed) return;
		this.traffic.packetsOut++;
		this.#bytes += packet.length;
		if (this.#chunks.push(packet) === 1) this.flusher.add(this);
	}
}
