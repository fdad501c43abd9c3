/** Writes records one after the other; a payload that came with the record before is not written again. */

import type { StoreRecord } from "../record";
import { FrameBuffer } from "./frame";
import { addRecord, addShared } from "./record-line";

const SYNCED_LINE = "y";

/** Says how much of its file had been synced when it was written. */
export function syncedMark(bytes: number): Buffer {
	const frames = new FrameBuffer();
	frames.add([SYNCED_LINE, bytes]);
	return frames.bytes;
}

/** @returns undefined for another line */
export function syncedOf(line: unknown): number | undefined {
	return Array.isArray(line) && line[0] === SYNCED_LINE && typeof line[1] === "number" ? line[1] : undefined;
}

/** For the records of one group, or of one snapshot: what it refers to lies in the same file, and before. */
export class RecordEncoder {
	readonly #isShared: (payload: Buffer) => boolean;
	/** Payloads that were written, by the key of their message. */
	readonly #written = new Map<string, Buffer>();

	/** @param isShared may the payload come again? */
	constructor(isShared: (payload: Buffer) => boolean) {
		this.#isShared = isShared;
	}

	encode(record: StoreRecord, to: FrameBuffer): void {
		if (record.kind !== "queued") {
			addRecord(to, record);
			return;
		}
		const { key, message } = record.entry;
		if (!this.#isShared(message.payload)) this.#written.delete(key);
		else if (this.#written.get(key) === message.payload) {
			addShared(to, record);
			return;
		} else this.#written.set(key, message.payload);
		addRecord(to, record);
	}
}
