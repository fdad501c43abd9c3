/** Reads the records of one file, in pieces, and goes on behind a part that can't be read. */

import type { StoreFile } from "./file-system";
import { type Frame, nextMark, readFrame } from "./frame";

const PIECE = 1_048_576;

export interface SegmentReport {
	readonly bytes: number;
	/** Bytes at the end that are no whole record: what a process that dies leaves behind. */
	readonly torn: number;
}

/**
 * @param take is called for each frame, with its place in the file
 * @param gap is called for bytes in front of a frame that are none
 */
export async function readSegment(
	file: StoreFile,
	take: (frame: Frame, at: number) => void,
	gap: (at: number, bytes: number) => void,
): Promise<SegmentReport> {
	let rest = Buffer.alloc(0);
	let position = 0;
	let skipped = 0;
	for (let ended = false; !ended; ) {
		const piece = Buffer.allocUnsafe(PIECE);
		const length = await file.read(piece, position);
		ended = length === 0;
		position += length;
		rest = rest.length === 0 ? piece.subarray(0, length) : Buffer.concat([rest, piece.subarray(0, length)]);
		const start = position - rest.length;
		let at = 0;
		while (at < rest.length) {
			const result = readFrame(rest, at);
			if (result === "more" && !ended) break;
			if (typeof result === "object") {
				const place = start + at;
				if (skipped > 0) gap(place - skipped, skipped);
				skipped = 0;
				take(result.frame, place);
				at = result.end;
			} else {
				const next = nextMark(rest, at + 1);
				skipped += next - at;
				at = next;
			}
		}
		rest = rest.subarray(at);
	}
	return { bytes: position, torn: skipped };
}
