/** The names of the files of a store. */

import { join } from "node:path";

export const MANIFEST = "store.json";
export const LOCK = "lock";
export const UNFINISHED = ".tmp";

const SEGMENT = /^(\d{8,})\.(journal2?|snapshot)$/;
/** Of version 2; those of version 1 end with `.journal`. */
const JOURNAL = "journal2";

export interface Segment {
	readonly number: number;
	/** A snapshot holds everything that the journals with smaller numbers say. */
	readonly kind: "journal" | "snapshot";
	/** Does it hold its records in groups? */
	readonly hasGroups: boolean;
	readonly name: string;
}

export function segmentOf(name: string): Segment | undefined {
	const [, number, ending] = SEGMENT.exec(name) ?? [];
	if (!number) return undefined;
	const kind = ending === "snapshot" ? "snapshot" : "journal";
	return { number: Number(number), kind, hasGroups: ending === JOURNAL, name };
}

export function segmentName(number: number, kind: Segment["kind"]): string {
	return `${String(number).padStart(8, "0")}.${kind === "journal" ? JOURNAL : kind}`;
}

/** Where a damaged file is kept for people. */
export function damagedPath(folder: string, name: string, at: Date): string {
	const date = at.toISOString().slice(0, 19).replaceAll(":", "-");
	return join(folder, `damaged-${date}-${name}`);
}
