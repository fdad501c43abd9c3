/** Makes records of what one file holds, and hands on those of a journal group by group. */

import type { StoreRecord } from "../record";
import { HEADER } from "./encode-records";
import type { Frame } from "./frame";
import { recordOf } from "./record-line";

export class GroupReader {
	readonly #take: (record: StoreRecord) => void;
	/** Payloads of queued messages, by their keys. */
	readonly #payloads = new Map<string, Buffer>();
	/** Of a group whose end was not read yet; undefined in a file without groups. */
	#group: StoreRecord[] | undefined;
	/** A part of the group could not be read. */
	#isBroken = false;
	#isFirst = true;
	#unknown = 0;

	/** @param take does what a record says */
	constructor(take: (record: StoreRecord) => void) {
		this.#take = take;
	}

	/** Frames that are no records. */
	get unknown(): number {
		return this.#unknown;
	}

	frame(frame: Frame): void {
		const isFirst = this.#isFirst;
		this.#isFirst = false;
		if (isFirst && isHeader(frame)) {
			this.#group = [];
			return;
		}
		const record = recordOf(frame, (key) => this.#payloads.get(key));
		if (record) this.#add(record);
		else this.#lose();
		if (frame.endsGroup) this.#endGroup();
	}

	/** Something was there that is no frame. */
	gap(): void {
		this.#isFirst = false;
		this.#isBroken = true;
	}

	#add(record: StoreRecord): void {
		if (record.kind === "queued") this.#payloads.set(record.entry.key, record.entry.message.payload);
		if (this.#group) this.#group.push(record);
		else this.#take(record);
	}

	#lose(): void {
		this.#unknown++;
		this.#isBroken = true;
	}

	/**
	 * A group whose end is missing was never promised, and is never handed on. In one that was damaged later, the message
	 * that belongs to a packet identifier may be missing: without the identifier its sender brings it again.
	 */
	#endGroup(): void {
		for (const record of this.#group ?? []) {
			if (!(this.#isBroken && record.kind === "received")) this.#take(record);
		}
		if (this.#group) this.#group = [];
		this.#isBroken = false;
	}
}

function isHeader({ line }: Frame): boolean {
	return Array.isArray(line) && line[0] === HEADER[0] && line[1] === HEADER[1];
}
