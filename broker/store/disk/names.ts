/** The names of the files of a store. */

import { join } from "node:path";

export const MANIFEST = "store.json";
export const LOCK = "lock";
export const UNFINISHED = ".tmp";

const SEGMENT = /^(\d{8,})\.(journal|snapshot)$/;

export interface Segment {
	readonly number: number;
	/** A snapshot holds everything that the journals with smaller numbers say. */
	readonly kind: "journal" | "snapshot";
	readonly name: string;
}

export function segmentOf(name: string): Segment | undefined {
	const [, number, kind] = SEGMENT.exec(name) ?? [];
	return number ? { number: Number(number), kind: kind as Segment["kind"], name } : undefined;
}

export function segmentName(number: number, kind: Segment["kind"]): string {
	return `${String(number).padStart(8, "0")}.${kind}`;
}

/** Where a damaged file is kept for people. */
export function damagedPath(folder: string, name: string, at: Date): string {
	const date = at.toISOString().slice(0, 19).replaceAll(":", "-");
	return join(folder, `damaged-${date}-${name}`);
}
