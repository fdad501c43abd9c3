/** Records that are written, and promised, together. */

import type { StoreRecord } from "../record";
import { RecordEncoder } from "./encode-records";
import { FrameBuffer } from "./frame";

export class Group {
	readonly #encoder: RecordEncoder;
	readonly #frames = new FrameBuffer();
	kept = () => {};
	readonly whenKept = new Promise<void>((resolve) => {
		this.kept = resolve;
	});

	/** @param isShared does the payload wait for more than one session? */
	constructor(isShared: (payload: Buffer) => boolean) {
		this.#encoder = new RecordEncoder(isShared);
	}

	get bytes(): number {
		return this.#frames.length;
	}

	add(record: StoreRecord): void {
		this.#encoder.encode(record, this.#frames);
	}

	/** What is to be written; nothing is added afterwards. @param before what comes in front of it in the file */
	encoded(before: Buffer | undefined): Buffer {
		this.#frames.endGroup();
		return before ? Buffer.concat([before, this.#frames.bytes]) : this.#frames.bytes;
	}
}
