/** Makes records of what one file holds, and hands on those of a journal group by group. */

import type { StoreRecord } from "../record";
import { syncedOf } from "./encode-records";
import type { Frame } from "./frame";
import { recordOf } from "./record-line";

/** What was written together. */
interface ReadGroup {
	readonly records: StoreRecord[];
	/** Bytes that can't be read. */
	lost: number;
	/** Where the last of them are in the file. */
	lostAt: number;
}

/**
 * A group whose end is missing was never promised, and is not handed on. Where something within the file can't be read,
 * it depends: what had been synced was damaged later, and everything else is as good as before. What had not been synced
 * was never whole, and what comes behind it would not fit what is there.
 */
export class GroupReader {
	readonly #take: (record: StoreRecord) => void;
	/** Payloads of queued messages, by their keys. */
	readonly #payloads = new Map<string, Buffer>();
	readonly #hasGroups: boolean;
	/** Its end was not read yet. */
	#group = emptyGroup();
	/** A group with something missing that may not have been synced, and those behind it. */
	readonly #doubtful: ReadGroup[] = [];
	/** Bytes of the file that had been synced when it was written. */
	#synced = 0;
	#damaged = 0;
	#read = 0;

	/**
	 * @param hasGroups without them each record stands for itself
	 * @param take does what a record says
	 */
	constructor(hasGroups: boolean, take: (record: StoreRecord) => void) {
		this.#hasGroups = hasGroups;
		this.#take = take;
	}

	/** Records that were handed on. */
	get read(): number {
		return this.#read;
	}

	/** Records that were not, because what belongs to them was never written. */
	get unfinished(): number {
		return [...this.#doubtful, this.#group].reduce((sum, { records }) => sum + records.length, 0);
	}

	/** Bytes that can't be read, and could be before. */
	get damaged(): number {
		return this.#damaged;
	}

	/** @param at where it is in the file */
	frame(frame: Frame, at: number): void {
		const synced = syncedOf(frame.line);
		if (synced !== undefined) this.#wasSynced(synced);
		else
			this.#add(
				recordOf(frame, (key) => this.#payloads.get(key)),
				at,
			);
		if (frame.endsGroup) this.#endGroup();
	}

	/** These bytes are no frame. */
	gap(at: number, bytes: number): void {
		if (!this.#hasGroups) this.#damaged += bytes;
		this.#group.lost += bytes;
		this.#group.lostAt = at;
	}

	#add(record: StoreRecord | undefined, at: number): void {
		if (!record) {
			this.gap(at, 1);
			return;
		}
		if (record.kind === "queued") this.#payloads.set(record.entry.key, record.entry.message.payload);
		if (this.#hasGroups) this.#group.records.push(record);
		else this.#handOver(record);
	}

	#handOver(record: StoreRecord): void {
		this.#read++;
		this.#take(record);
	}

	#wasSynced(bytes: number): void {
		this.#synced = Math.max(this.#synced, bytes);
		this.#handOn();
	}

	#endGroup(): void {
		this.#doubtful.push(this.#group);
		this.#group = emptyGroup();
		this.#handOn();
	}

	#handOn(): void {
		while (this.#doubtful[0] && this.#doubtful[0].lostAt < this.#synced) {
			const { records, lost } = this.#doubtful.shift() as ReadGroup;
			this.#damaged += lost;
			for (const record of records) {
				// Its message may be what is missing: without the packet identifier the sender brings it again.
				if (!(lost > 0 && record.kind === "received")) this.#handOver(record);
			}
		}
	}
}

function emptyGroup(): ReadGroup {
	return { records: [], lost: 0, lostAt: -1 };
}
