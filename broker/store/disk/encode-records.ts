/** Writes records one after the other; a payload that came with the record before is not written again. */

import type { StoreRecord } from "../record";
import { frame } from "./frame";
import { recordFrame, sharedFrame } from "./record-line";

/** The first record of a journal: which version of the format the file has. Journals of version 1 have none. */
export const HEADER = ["v", 2] as const;

/** The bytes that a new journal starts with. */
export function journalHeader(): Buffer {
	return Buffer.concat(frame(HEADER));
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

	/** @returns what is to be written, in one or two pieces */
	encode(record: StoreRecord): Buffer[] {
		if (record.kind !== "queued") return recordFrame(record);
		const { key, message } = record.entry;
		if (!this.#isShared(message.payload)) {
			this.#written.delete(key);
			return recordFrame(record);
		}
		if (this.#written.get(key) === message.payload) return sharedFrame(record);
		this.#written.set(key, message.payload);
		return recordFrame(record);
	}
}
