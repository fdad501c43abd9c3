/** Reads a store that no broker runs on, and changes nothing. */

import { join } from "node:path";
import { FlowbrokerError } from "../../errors";
import { VERSION, versionOf } from "../disk/manifest";
import { MANIFEST } from "../disk/names";
import { damagedFiles, type FileReport, readFolder } from "../disk/read-folder";
import type { StoreRecord } from "../record";
import { StoreState } from "../state";
import { isOwnSession } from "../store";
import { offline } from "./offline";
import { type ExportEnd, type ExportHead, jsonOf } from "./record-json";

export interface StoreReport {
	readonly folder: string;
	/** Of the format; `damaged` when store.json can't be read. */
	readonly version: number | "damaged";
	readonly files: readonly FileReport[];
	/** Can all of it be read? */
	readonly isWhole: boolean;
	readonly retained: { readonly messages: number; readonly bytes: number };
	readonly sessions: number;
	readonly subscriptions: number;
	readonly queued: { readonly messages: number; readonly bytes: number };
	readonly wills: number;
	/** Messages that wait for other brokers, or lack their acknowledgement. */
	readonly bridges: { readonly count: number; readonly messages: number };
}

/** @throws FlowbrokerError STORE_MISSING, STORE_LOCKED, STORE_TOO_NEW, STORE_UNUSABLE */
export async function checkStore(folder: string): Promise<StoreReport> {
	const { report } = await readStore(folder);
	return report;
}

/**
 * All that a store holds, as lines of JSON without their line ends.
 * @throws FlowbrokerError as {@link checkStore}
 */
export async function exportStore(folder: string): Promise<{ lines: Iterable<string>; report: StoreReport }> {
	const { state, report } = await readStore(folder);
	return { lines: linesOf(state.records(Date.now())), report };
}

async function readStore(folder: string): Promise<{ state: StoreState; report: StoreReport }> {
	return offline(folder, async (fs) => {
		// Without a manifest it was never more than begun.
		const version = (await versionOf(fs, join(folder, MANIFEST))) ?? "damaged";
		if (typeof version === "number" && version > VERSION) throw tooNew(folder, version);
		const state = new StoreState();
		const found = await readFolder(fs, folder, (record) => state.apply(record));
		const isWhole = version !== "damaged" && damagedFiles(found).length === 0;
		return { state, report: { folder, version, files: found.files, isWhole, ...contentOf(state) } };
	});
}

function contentOf({ retained, sessions, queueMemory, wills }: StoreState) {
	const lasting = [...sessions].filter(([clientId, { lasting }]) => lasting && !isOwnSession(clientId));
	const bridges = [...sessions].filter(([clientId]) => isOwnSession(clientId));
	return {
		retained: { messages: retained.count, bytes: retained.bytes },
		sessions: lasting.length,
		subscriptions: lasting.reduce((sum, [, { subscriptions }]) => sum + subscriptions.size, 0),
		queued: { messages: queueMemory.messages, bytes: queueMemory.bytes },
		wills: wills.size,
		bridges: { count: bridges.length, messages: bridges.reduce((sum, [, { queue }]) => sum + queue.count, 0) },
	};
}

function* linesOf(records: Iterable<StoreRecord>): Generator<string> {
	const head: ExportHead = { kind: "store", version: 1, exportedAt: new Date().toISOString() };
	yield JSON.stringify(head);
	let count = 0;
	for (const record of records) {
		count++;
		yield JSON.stringify(jsonOf(record));
	}
	const end: ExportEnd = { kind: "end", records: count };
	yield JSON.stringify(end);
}

function tooNew(folder: string, version: number): FlowbrokerError {
	const sentence = `The store ${folder} was written by a newer flowbroker (format ${version}). Use that version's command.`;
	return new FlowbrokerError("STORE_TOO_NEW", sentence);
}
