/** Cuts the byte stream of a client into whole packets, and stops at the first header that must not be. */

import { firstByteProblem, headerLength, packetType, remainingLength } from "./fixed-header";
import { problems, type WireProblem } from "./problems";

/** The first piece of memory for a packet that comes in several chunks, in bytes. */
const FIRST_PIECE = 1_024;

/**
 * Give it what the socket reads and take packets until there is none:
 * `framer.push(chunk)`, then `framer.next()` until it gives undefined, then look at `framer.problem`.
 *
 * Between chunks it keeps at most one incomplete packet, in a piece of memory that grows with what has arrived and not
 * with what the header promises: five bytes cannot make it set aside a megabyte, and a packet that trickles in byte by
 * byte costs no more than its own size.
 */
export class PacketFramer {
	/** What was pushed and not read yet; the first one is read up to `#at`. */
	readonly #chunks: Buffer[] = [];
	#at = 0;
	/** A packet that does not lie within one chunk: its first `#filled` bytes. */
	#partial: Buffer | undefined;
	#filled = 0;
	/** The size of that packet; 0 until its header is complete. */
	#size = 0;
	#connected = false;
	#problem: WireProblem | undefined;

	/**
	 * @param maxPacketSize of every packet after CONNECT, in bytes with the fixed header
	 * @param maxConnectSize of CONNECT, in bytes with the fixed header: it comes from somebody who is not logged in
	 */
	constructor(
		readonly maxPacketSize: number,
		readonly maxConnectSize = 100_000,
	) {}

	/** Why no further packet will come. It shows when {@link next} has given all packets before it. */
	get problem(): WireProblem | undefined {
		return this.#problem;
	}

	/** Bytes that wait here: the incomplete packet, and what {@link next} was not yet asked for. */
	get buffered(): number {
		return this.#chunks.reduce((sum, chunk) => sum + chunk.length, this.#filled - this.#at);
	}

	/** The chunk is kept, not copied: it must not be changed afterwards. */
	push(chunk: Buffer): void {
		if (chunk.length > 0 && !this.#problem) this.#chunks.push(chunk);
	}

	/** The next whole packet: a part of a chunk where it lies within one. Undefined when more bytes are needed. */
	next(): Buffer | undefined {
		for (let chunk = this.#chunks[0]; chunk && !this.#problem; chunk = this.#chunks[0]) {
			const packet = this.#filled === 0 ? this.#cut(chunk) : this.#collect(chunk);
			if (packet) {
				this.#connected = true;
				return packet;
			}
		}
		return undefined;
	}

	/** Takes a packet out of the chunk, or begins to collect one. */
	#cut(chunk: Buffer): Buffer | undefined {
		const size = this.#sizeAt(chunk, this.#at, chunk.length);
		if (size === 0 || this.#at + size > chunk.length) return this.#collect(chunk);
		const packet = chunk.subarray(this.#at, this.#at + size);
		this.#advance(chunk, size);
		return packet;
	}

	/** Adds to the incomplete packet what the chunk has of it. */
	#collect(chunk: Buffer): Buffer | undefined {
		// Byte by byte as long as the packet could end with the next one.
		while (this.#size === 0 && this.#at < chunk.length && !this.#problem) {
			this.#append(chunk, this.#at, this.#at + 1);
			this.#at++;
			this.#size = this.#sizeAt(this.#partial as Buffer, 0, this.#filled);
		}
		if (this.#problem) return undefined;
		const count = this.#size === 0 ? 0 : Math.min(this.#size - this.#filled, chunk.length - this.#at);
		this.#append(chunk, this.#at, this.#at + count);
		this.#advance(chunk, count);
		if (this.#size === 0 || this.#filled < this.#size) return undefined;
		const packet = (this.#partial as Buffer).subarray(0, this.#size);
		this.#partial = undefined;
		this.#filled = 0;
		this.#size = 0;
		return packet;
	}

	/** Doubles the memory when it is full, so that each byte is copied a few times at most, however small the chunks. */
	#append(chunk: Buffer, from: number, to: number): void {
		const needed = this.#filled + to - from;
		if (!this.#partial || needed > this.#partial.length) {
			const grown = Math.max(needed, FIRST_PIECE, 2 * this.#filled);
			const piece = Buffer.allocUnsafe(this.#size === 0 ? grown : Math.min(grown, this.#size));
			this.#partial?.copy(piece, 0, 0, this.#filled);
			this.#partial = piece;
		}
		chunk.copy(this.#partial, this.#filled, from, to);
		this.#filled = needed;
	}

	#advance(chunk: Buffer, count: number): void {
		this.#at += count;
		if (this.#at < chunk.length) return;
		this.#chunks.shift();
		this.#at = 0;
	}

	/** The size of the packet at `from`; 0 when its header is not complete, or must not be. */
	#sizeAt(bytes: Buffer, from: number, to: number): number {
		const first = bytes[from] as number;
		const wrong = firstByteProblem(first) ?? this.#orderProblem(first >> 4);
		if (wrong) return this.#stop(wrong);
		const header = headerLength(bytes, from, to);
		if (header === 0) return 0;
		if (header === -1) return this.#stop(problems.lengthTooLong);
		const size = header + remainingLength(bytes, from, header);
		if (this.#connected) return size > this.maxPacketSize ? this.#stop(problems.packetTooLarge) : size;
		return size > this.maxConnectSize ? this.#stop(problems.connectTooLarge) : size;
	}

	#orderProblem(type: number): WireProblem | undefined {
		if ((type === packetType.connect) !== this.#connected) return undefined;
		return this.#connected ? problems.secondConnect : problems.firstNotConnect;
	}

	/** Forgets all bytes: nobody will read them. */
	#stop(problem: WireProblem): 0 {
		this.#problem = problem;
		this.#chunks.length = 0;
		this.#partial = undefined;
		this.#at = 0;
		this.#filled = 0;
		return 0;
	}
}
