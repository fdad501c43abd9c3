/**
 * How a record lies in a file: two bytes that mark its start, its length and its CRC-32 (both four bytes, little
 * endian), a line of JSON, and behind the line end the payload of the message, where the record has one. The second
 * byte is another one in the last record of a group: what is read before is only valid together with it.
 */

import { crc32 } from "node:zlib";

const MARK_0 = 0xf5;
const MARK_1 = 0xb7;
const MARK_1_LAST = 0xb8;
export const FRAME_HEADER = 10;
const LINE_END = 0x0a;
/** Bytes of a record; a packet has at most 268,435,460. */
const MOST_BYTES = 300_000_000;

export interface Frame {
	/** Parsed JSON. */
	readonly line: unknown;
	/** Lies in the bytes that were read: whoever keeps it makes a copy. */
	readonly payload: Buffer;
	/** Is it the last one of its group? */
	readonly endsGroup: boolean;
}

/** Bytes that the memory for frames begins with: few enough for Node to take them from its pool. */
const FIRST_SIZE = 1_024;
/** Bytes of UTF-8 that one unit of a string becomes at the most. */
const MOST_BYTES_A_UNIT = 3;

/** Frames one behind the other in one piece of memory, ready to be written at once. */
export class FrameBuffer {
	#memory = Buffer.allocUnsafe(FIRST_SIZE);
	#length = 0;
	/** Where the last frame begins. */
	#last = 0;

	get length(): number {
		return this.#length;
	}

	/** It is written over when more is added. */
	get bytes(): Buffer {
		return this.#memory.subarray(0, this.#length);
	}

	add(line: readonly unknown[], payload?: Buffer): void {
		const text = JSON.stringify(line);
		const start = this.#length;
		const body = start + FRAME_HEADER;
		this.#makeRoom(FRAME_HEADER + MOST_BYTES_A_UNIT * text.length + 1 + (payload?.length ?? 0));
		const memory = this.#memory;
		let end = body + memory.write(text, body);
		memory[end++] = LINE_END;
		if (payload) end += payload.copy(memory, end);
		memory[start] = MARK_0;
		memory[start + 1] = MARK_1;
		memory.writeUInt32LE(end - body, start + 2);
		memory.writeUInt32LE(crc32(memory.subarray(body, end)), start + 6);
		this.#last = start;
		this.#length = end;
	}

	/** Marks the last frame as the last one of its group. */
	endGroup(): void {
		if (this.#length > 0) this.#memory[this.#last + 1] = MARK_1_LAST;
	}

	#makeRoom(bytes: number): void {
		const needed = this.#length + bytes;
		if (needed <= this.#memory.length) return;
		const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#memory.length));
		this.#memory.copy(larger, 0, 0, this.#length);
		this.#memory = larger;
	}
}

/** `more`: the bytes may be the start of a frame. `none`: they are not one. */
export function readFrame(bytes: Buffer, at: number): { frame: Frame; end: number } | "more" | "none" {
	const present = bytes.length - at;
	if (present > 0 && bytes[at] !== MARK_0) return "none";
	const endsGroup = bytes[at + 1] === MARK_1_LAST;
	if (present > 1 && !endsGroup && bytes[at + 1] !== MARK_1) return "none";
	if (present < FRAME_HEADER) return "more";
	const length = bytes.readUInt32LE(at + 2);
	if (length > MOST_BYTES) return "none";
	const end = at + FRAME_HEADER + length;
	if (end > bytes.length) return "more";
	const body = bytes.subarray(at + FRAME_HEADER, end);
	if (crc32(body) !== bytes.readUInt32LE(at + 6)) return "none";
	const lineEnd = body.indexOf(LINE_END);
	if (lineEnd < 0) return "none";
	const line = parsed(body.toString("utf8", 0, lineEnd));
	return line === undefined ? "none" : { frame: { line, payload: body.subarray(lineEnd + 1), endsGroup }, end };
}

/** Where the next frame may start, at or behind this place. */
export function nextMark(bytes: Buffer, from: number): number {
	const found = bytes.indexOf(MARK_0, from);
	return found < 0 ? bytes.length : found;
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
