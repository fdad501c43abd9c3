/** Reads what a store has written: the newest snapshot, and the journals behind it. */

import { join } from "node:path";
import type { StoreRecord } from "../record";
import type { FileSystem } from "./file-system";
import { GroupReader } from "./group-reader";
import { type Segment, segmentOf } from "./names";
import { readSegment } from "./read-segment";

export interface FolderReport {
	/** Larger than that of every file that is there. */
	readonly nextNumber: number;
	readonly snapshotBytes: number;
	readonly journalBytes: number;
	readonly journals: number;
	/** Files of which a part can't be read. */
	readonly damaged: readonly { readonly name: string; readonly bytes: number; readonly error?: Error }[];
}

/** @param take does what a record says. What it throws counts as damage of the file. */
export async function readFolder(
	fs: FileSystem,
	folder: string,
	take: (record: StoreRecord) => void,
): Promise<FolderReport> {
	const found = (await fs.list(folder)).map(segmentOf).filter((one) => one !== undefined);
	const snapshot = found
		.filter(({ kind }) => kind === "snapshot")
		.sort(byNumber)
		.at(-1);
	const journals = found.filter(({ kind, number }) => kind === "journal" && number >= (snapshot?.number ?? 0));
	const damaged: { name: string; bytes: number; error?: Error }[] = [];
	const sizes = { snapshot: 0, journal: 0 };
	for (const segment of [...(snapshot ? [snapshot] : []), ...journals.sort(byNumber)]) {
		const report = await readOne(fs, folder, segment, take);
		sizes[segment.kind] += report.bytes;
		if (report.damaged > 0 || report.error) {
			damaged.push({ name: segment.name, bytes: report.damaged, ...(report.error && { error: report.error }) });
		}
	}
	return {
		nextNumber: Math.max(0, ...found.map(({ number }) => number)) + 1,
		snapshotBytes: sizes.snapshot,
		journalBytes: sizes.journal,
		journals: journals.length,
		damaged,
	};
}

async function readOne(
	fs: FileSystem,
	folder: string,
	{ name, kind, hasGroups }: Segment,
	take: (record: StoreRecord) => void,
): Promise<{ bytes: number; damaged: number; error?: Error }> {
	const reader = new GroupReader(hasGroups, take);
	try {
		const file = await fs.open(join(folder, name));
		try {
			const report = await readSegment(
				file,
				(frame, at) => reader.frame(frame, at),
				(at, bytes) => reader.gap(at, bytes),
			);
			// A snapshot gets its name when it is whole: nothing of it may be missing.
			const missing = kind === "snapshot" ? report.torn : 0;
			return { bytes: report.bytes, damaged: reader.damaged + missing };
		} finally {
			await file.close();
		}
	} catch (error) {
		return { bytes: 0, damaged: 0, error: error as Error };
	}
}

function byNumber(one: Segment, other: Segment): number {
	return one.number - other.number;
}
