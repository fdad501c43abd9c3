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

/** @returns what is to be written, in one or two pieces */
export function frame(line: readonly unknown[], payload?: Buffer): Buffer[] {
	const text = `${JSON.stringify(line)}\n`;
	const head = Buffer.allocUnsafe(FRAME_HEADER + Buffer.byteLength(text));
	head.write(text, FRAME_HEADER);
	const crc = crc32(head.subarray(FRAME_HEADER));
	head[0] = MARK_0;
	head[1] = MARK_1;
	head.writeUInt32LE(head.length - FRAME_HEADER + (payload?.length ?? 0), 2);
	head.writeUInt32LE(payload ? crc32(payload, crc) : crc, 6);
	return payload && payload.length > 0 ? [head, payload] : [head];
}

/** Marks it as the last one of its group. @param head first piece of what {@link frame} has made */
export function endGroup(head: Buffer): void {
	head[1] = MARK_1_LAST;
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
