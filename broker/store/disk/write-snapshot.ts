/** Writes all that a store holds into one file, in steps, while the store goes on working. */

import { join } from "node:path";
import type { StoreRecord } from "../record";
import { RecordEncoder } from "./encode-records";
import { type FileSystem, type StoreFile, writeAll } from "./file-system";
import { FrameBuffer } from "./frame";
import { segmentName, UNFINISHED } from "./names";

/** What is encoded in one turn of the event loop: some milliseconds on a Raspberry Pi. */
const RECORDS_A_STEP = 256;
const BYTES_A_STEP = 262_144;

/**
 * The file gets its name when it is complete and synced.
 * @param isShared does the payload wait for more than one session?
 * @param stopped is asked after each step: true ends it without a snapshot
 * @returns the size; undefined when it was stopped
 * @throws the file system's errors; nothing is left behind then
 */
export async function writeSnapshot(
	fs: FileSystem,
	folder: string,
	number: number,
	records: Iterator<StoreRecord>,
	isShared: (payload: Buffer) => boolean,
	stopped: () => boolean,
): Promise<number | undefined> {
	const path = join(folder, segmentName(number, "snapshot"));
	const unfinished = path + UNFINISHED;
	try {
		const file = await fs.create(unfinished, false);
		let size: number | undefined;
		try {
			size = await writeRecords(file, records, new RecordEncoder(isShared), stopped);
			if (size !== undefined) await file.sync();
		} finally {
			await file.close();
		}
		if (size === undefined) await fs.remove(unfinished);
		else await fs.rename(unfinished, path);
		await fs.syncFolder(folder);
		return size;
	} catch (error) {
		await fs.remove(unfinished).catch(() => {});
		throw error;
	}
}

async function writeRecords(
	file: StoreFile,
	records: Iterator<StoreRecord>,
	encoder: RecordEncoder,
	stopped: () => boolean,
): Promise<number | undefined> {
	let size = 0;
	for (;;) {
		const bytes = nextStep(records, encoder);
		if (bytes.length === 0) return size;
		if (stopped()) return undefined;
		await writeAll(file, bytes, size);
		size += bytes.length;
	}
}

function nextStep(records: Iterator<StoreRecord>, encoder: RecordEncoder): Buffer {
	const frames = new FrameBuffer();
	for (let count = 0; count < RECORDS_A_STEP && frames.length < BYTES_A_STEP; count++) {
		const { value, done } = records.next();
		if (done) break;
		encoder.encode(value, frames);
	}
	return frames.bytes;
}
