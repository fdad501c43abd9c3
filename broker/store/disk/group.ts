/** Records that are written, and promised, together. */

import type { StoreRecord } from "../record";
import { RecordEncoder } from "./encode-records";
import { endGroup } from "./frame";

export class Group {
	readonly #encoder: RecordEncoder;
	readonly #chunks: Buffer[] = [];
	#lastHead: Buffer | undefined;
	#bytes = 0;
	kept = () => {};
	readonly whenKept = new Promise<void>((resolve) => {
		this.kept = resolve;
	});

	/** @param isShared does the payload wait for more than one session? */
	constructor(isShared: (payload: Buffer) => boolean) {
		this.#encoder = new RecordEncoder(isShared);
	}

	get bytes(): number {
		return this.#bytes;
	}

	add(record: StoreRecord): void {
		const chunks = this.#encoder.encode(record);
		this.#lastHead = chunks[0];
		for (const chunk of chunks) {
			this.#chunks.push(chunk);
			this.#bytes += chunk.length;
		}
	}

	/** What is to be written; nothing is added afterwards. @param before what comes in front of it in the file */
	encoded(before: Buffer | undefined): Buffer {
		if (this.#lastHead) endGroup(this.#lastHead);
		const chunks = before ? [before, ...this.#chunks] : this.#chunks;
		return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
	}
}
