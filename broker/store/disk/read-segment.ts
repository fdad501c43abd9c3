/** Reads the records of one file, in pieces, and goes on behind a part that can't be read. */

import type { StoreFile } from "./file-system";
import { type Frame, nextMark, readFrame } from "./frame";

const PIECE = 1_048_576;

export interface SegmentReport {
	readonly bytes: number;
	/** Bytes that are no records, with records behind them: the file was damaged. */
	readonly damaged: number;
	/** Bytes at the end that are no whole record: what a process that dies leaves behind. */
	readonly torn: number;
}

/**
 * @param take is called for each frame
 * @param gap is called where bytes between two frames are not one
 * @returns what was found beside them
 */
export async function readSegment(
	file: StoreFile,
	take: (frame: Frame) => void,
	gap: () => void,
): Promise<SegmentReport> {
	let rest = Buffer.alloc(0);
	let position = 0;
	let skipped = 0;
	let damaged = 0;
	for (let ended = false; !ended; ) {
		const piece = Buffer.allocUnsafe(PIECE);
		const length = await file.read(piece, position);
		ended = length === 0;
		position += length;
		rest = rest.length === 0 ? piece.subarray(0, length) : Buffer.concat([rest, piece.subarray(0, length)]);
		let at = 0;
		while (at < rest.length) {
			const result = readFrame(rest, at);
			if (result === "more" && !ended) break;
			if (typeof result === "object") {
				if (skipped > 0) gap();
				damaged += skipped;
				skipped = 0;
				take(result.frame);
				at = result.end;
			} else {
				const next = nextMark(rest, at + 1);
				skipped += next - at;
				at = next;
			}
		}
		rest = rest.subarray(at);
	}
	return { bytes: position, damaged, torn: skipped };
}
