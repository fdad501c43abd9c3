/** Reads what a store has written: the newest snapshot, and the journals behind it. */

import { join } from "node:path";
import type { StoreRecord } from "../record";
import type { FileSystem } from "./file-system";
import { GroupReader } from "./group-reader";
import { type Segment, segmentOf } from "./names";
import { readSegment } from "./read-segment";

/** What was found in one file. */
export interface FileReport {
	readonly name: string;
	readonly kind: Segment["kind"];
	readonly bytes: number;
	readonly records: number;
	/** Records at the end that are not used: what was to be written with them is missing. */
	readonly unfinished: number;
	/** Bytes that can't be read, and could be before. */
	readonly damaged: number;
	/** Why nothing more of it can be read. */
	readonly error?: Error;
}

export interface FolderReport {
	/** Larger than that of every file that is there. */
	readonly nextNumber: number;
	/** Those that make up the state, in their order. */
	readonly files: readonly FileReport[];
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
	const files: FileReport[] = [];
	for (const segment of [...(snapshot ? [snapshot] : []), ...journals.sort(byNumber)]) {
		files.push(await readOne(fs, folder, segment, take));
	}
	return { nextNumber: Math.max(0, ...found.map(({ number }) => number)) + 1, files };
}

/** Bytes of the files of that kind. */
export function bytesOf({ files }: FolderReport, kind: Segment["kind"]): number {
	return files.filter((file) => file.kind === kind).reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Files of which a part can't be read. */
export function damagedFiles({ files }: FolderReport): FileReport[] {
	return files.filter(({ damaged, error }) => damaged > 0 || error);
}

async function readOne(
	fs: FileSystem,
	folder: string,
	{ name, kind, hasGroups }: Segment,
	take: (record: StoreRecord) => void,
): Promise<FileReport> {
	const reader = new GroupReader(hasGroups, take);
	const reported = () => ({ name, kind, records: reader.read, unfinished: reader.unfinished });
	try {
		const file = await fs.open(join(folder, name));
		try {
			const { bytes, torn } = await readSegment(
				file,
				(frame, at) => reader.frame(frame, at),
				(at, bytes) => reader.gap(at, bytes),
			);
			// A snapshot gets its name when it is whole: nothing of it may be missing.
			const missing = kind === "snapshot" ? torn : 0;
			return { ...reported(), bytes, damaged: reader.damaged + missing };
		} finally {
			await file.close();
		}
	} catch (error) {
		return { ...reported(), bytes: 0, damaged: reader.damaged, error: error as Error };
	}
}

function byNumber(one: Segment, other: Segment): number {
	return one.number - other.number;
}
