/**
 * A store that outlives the process. Its state is that of a store in memory; every change is also written to a
 * journal, and now and then the whole state to a snapshot, which makes the journals before it superfluous.
 *
 * In the folder: `store.json` (the version of the format), `lock`, `<number>.journal2` and `<number>.snapshot`. The
 * state is that of the snapshot with the highest number, and then what the journals from that number on say. A snapshot
 * is renamed to its name when it is complete, so that there is no moment without a whole state.
 */

import { join } from "node:path";
import { FlowbrokerError } from "../errors";
import type { Durability } from "./disk/durability";
import { type FileSystem, nodeFileSystem } from "./disk/file-system";
import { Journal } from "./disk/journal";
import { StoreLock } from "./disk/lock";
import { upToDate } from "./disk/manifest";
import { damagedPath, MANIFEST, segmentOf, UNFINISHED } from "./disk/names";
import { bytesOf, damagedFiles, type FolderReport, readFolder } from "./disk/read-folder";
import { writeSnapshot } from "./disk/write-snapshot";
import { MemoryStore } from "./memory";
import type { StoreProblem } from "./problem";
import type { StoreRecord } from "./record";
import { isOfBroker } from "./retained-tree";
import type { LeftWill, StoreEvents, StoreLimits } from "./store";

/** Bytes of journals from which on a snapshot is worth its writing, or twice the last snapshot if that is more. */
const LEAST_JOURNAL = 4_194_304;
/** Files that a start may have to read. */
const MOST_JOURNALS = 8;
/** Milliseconds until a snapshot that failed is tried again. */
const SNAPSHOT_PAUSE = 30_000;

export interface DiskStoreOptions {
	/** Belongs to this store alone; is made when it is not there. */
	readonly folder: string;
	readonly durability: Durability;
	/** Default: the one of the operating system. */
	readonly fileSystem?: FileSystem;
	/** Milliseconds since 1970. */
	readonly now?: () => number;
}

export class DiskStore extends MemoryStore {
	readonly #folder: string;
	readonly #durability: Durability;
	readonly #fs: FileSystem;
	readonly #tell: (problem: StoreProblem) => void;
	readonly #now: () => number;
	readonly #lock: StoreLock;
	#journal: Journal | undefined;
	#journalBytes = 0;
	#snapshotBytes = 0;
	#leftWills: readonly LeftWill[] = [];
	/** Names of files that a snapshot replaces and that are kept for people. */
	#damaged: readonly string[] = [];
	#compaction: Promise<void> | undefined;
	#compactAgain = false;
	#nextTry: NodeJS.Timeout | undefined;
	#failing = false;
	#closing = false;

	constructor(limits: StoreLimits, events: StoreEvents, options: DiskStoreOptions) {
		const now = options.now ?? Date.now;
		super(limits, events, now);
		this.#folder = options.folder;
		this.#durability = options.durability;
		this.#fs = options.fileSystem ?? nodeFileSystem;
		this.#tell = (problem) => events.problem(problem);
		this.#now = now;
		this.#lock = new StoreLock(this.#fs, options.folder);
	}

	override get writesBehind(): boolean {
		return true;
	}

	override flushed(): Promise<void> | undefined {
		return this.#journal?.flushed();
	}

	override get congested(): boolean {
		return this.#journal?.congested ?? false;
	}

	override leftWills(): readonly LeftWill[] {
		return this.#leftWills;
	}

	/** @throws FlowbrokerError STORE_LOCKED, STORE_TOO_NEW, STORE_UNUSABLE */
	override async open(): Promise<void> {
		if (this.#journal) return;
		this.#closing = false;
		try {
			await this.#fs.makeFolder(this.#folder);
			await this.#takeLock();
			await this.#checkVersion();
			this.forgetAll();
			this.#begin(await readFolder(this.#fs, this.#folder, (record) => this.apply(record)));
			await super.open();
		} catch (error) {
			await this.#lock.release();
			throw error instanceof FlowbrokerError ? error : this.#unusable(error);
		}
	}

	override async close(): Promise<void> {
		const journal = this.#journal;
		if (!journal) return;
		this.#closing = true;
		await super.close();
		clearTimeout(this.#nextTry);
		this.journal = undefined;
		const error = await journal.close();
		await this.#compaction;
		this.#journal = undefined;
		await this.#lock.release();
		if (error) this.#tell({ kind: "failing", error: this.#notTaken(error) });
	}

	/** Writes a snapshot, in place of all files before it. @throws the file system's error */
	async sumUp(): Promise<void> {
		await this.#compaction;
		await this.#writeSnapshot();
	}

	/** Now we know what a process that ended in whatever way has left. */
	#begin(found: FolderReport): void {
		const journal = new Journal(this.#fs, this.#folder, found.nextNumber, this.#durability, {
			failing: (error) => this.#fails(error),
			working: () => this.#works(),
			unsynced: () => this.#compact(),
			written: (bytes) => this.#written(bytes),
			isShared: (payload) => this.isShared(payload),
		});
		this.#journal = journal;
		this.journal = (record) => {
			if (!isFleeting(record)) journal.append(record);
		};
		this.#journalBytes = bytesOf(found, "journal");
		this.#snapshotBytes = bytesOf(found, "snapshot");
		// Of a client that was here when the process ended nobody has seen when it left.
		this.leaveAll();
		this.#leftWills = this.wills();
		this.#damaged = damagedFiles(found).map(({ name }) => name);
		if (this.#damaged.length > 0) this.#repaired(this.#damaged);
		const journals = found.files.filter(({ kind }) => kind === "journal").length;
		if (this.#damaged.length > 0 || journals > MOST_JOURNALS || this.#isSnapshotDue) this.#compact();
	}

	get #isSnapshotDue(): boolean {
		return this.#journalBytes > Math.max(LEAST_JOURNAL, 2 * this.#snapshotBytes);
	}

	#written(bytes: number): void {
		this.#journalBytes += bytes;
		if (this.#isSnapshotDue && !this.#nextTry) this.#compact();
	}

	#compact(): void {
		if (this.#closing) return;
		if (this.#compaction) {
			this.#compactAgain = true;
			return;
		}
		clearTimeout(this.#nextTry);
		this.#nextTry = undefined;
		this.#compactAgain = false;
		this.#compaction = this.#writeSnapshot()
			.catch((error: Error) => this.#compactLater(error))
			.finally(() => {
				this.#compaction = undefined;
				if (this.#compactAgain && !this.#nextTry) this.#compact();
			});
	}

	async #writeSnapshot(): Promise<void> {
		const number = await this.#journal?.rotate();
		if (number === undefined) return;
		const journalBytes = this.#journalBytes;
		const size = await writeSnapshot(
			this.#fs,
			this.#folder,
			number,
			lasting(this.records()),
			(payload) => this.isShared(payload),
			() => this.#closing,
		);
		if (size === undefined) return;
		this.#snapshotBytes = size;
		this.#journalBytes -= journalBytes;
		await this.#removeBefore(number);
	}

	/** Everything that the snapshot of that number replaces. */
	async #removeBefore(number: number): Promise<void> {
		const damaged = new Set(this.#damaged);
		this.#damaged = [];
		for (const name of await this.#fs.list(this.#folder)) {
			const segment = segmentOf(name.endsWith(UNFINISHED) ? name.slice(0, -UNFINISHED.length) : name);
			if (!segment || segment.number >= number) continue;
			const path = join(this.#folder, name);
			if (damaged.has(name)) await this.#fs.rename(path, damagedPath(this.#folder, name, new Date(this.#now())));
			else await this.#fs.remove(path);
		}
	}

	#compactLater(error: Error): void {
		if (this.#closing) return;
		const sentence = `The store ${this.#folder} could not be tidied up; that is tried again. ${reasonOf(error)}`;
		this.#tell({ kind: "warning", error: new FlowbrokerError("STORE_UNTIDY", sentence, error) });
		this.#nextTry = setTimeout(() => this.#compact(), SNAPSHOT_PAUSE);
	}

	async #takeLock(): Promise<void> {
		try {
			await this.#lock.take();
		} catch (error) {
			if (!isDiskTrouble(error)) throw error;
			this.#fails(error as Error);
		}
	}

	async #checkVersion(): Promise<void> {
		try {
			if (await upToDate(this.#fs, this.#folder, new Date(this.#now()))) this.#repaired([MANIFEST]);
		} catch (error) {
			if (!isDiskTrouble(error)) throw error;
			this.#fails(error as Error);
		}
	}

	#repaired(names: readonly string[]): void {
		const sentence =
			`A part of the store ${this.#folder} was damaged and could not be read: ${names.join(", ")}. ` +
			"What could be read is in use; the damaged file is kept beside it under a name that starts with damaged-.";
		this.#tell({ kind: "repaired", error: new FlowbrokerError("STORE_DAMAGED", sentence) });
	}

	#fails(error: Error): void {
		if (this.#failing) return;
		this.#failing = true;
		this.#tell({ kind: "failing", error: this.#notTaken(error) });
	}

	#works(): void {
		if (!this.#failing) return;
		this.#failing = false;
		this.#tell({ kind: "working" });
	}

	#notTaken(error: Error): FlowbrokerError {
		const sentence =
			`The disk does not take what the broker has to keep in ${this.#folder}. ${reasonOf(error)} ` +
			"Clients get no acknowledgement until it does.";
		return new FlowbrokerError("STORE_FAILING", sentence, error);
	}

	#unusable(error: unknown): FlowbrokerError {
		const sentence = `The store ${this.#folder} can't be used. ${reasonOf(error as Error)}`;
		return new FlowbrokerError("STORE_UNUSABLE", sentence, error);
	}
}

/** What the broker tells of itself every few seconds is not worth a write. */
function isFleeting(record: StoreRecord): boolean {
	switch (record.kind) {
		case "retained":
			return isOfBroker(record.message.topic);
		case "cleared":
			return isOfBroker(record.topic);
		default:
			return false;
	}
}

function* lasting(records: Iterable<StoreRecord>): Generator<StoreRecord> {
	for (const record of records) if (!isFleeting(record)) yield record;
}

/** Is it something that may pass while the broker runs? */
function isDiskTrouble(error: unknown): boolean {
	return ["ENOSPC", "EDQUOT", "EIO"].includes((error as NodeJS.ErrnoException).code ?? "");
}

function reasonOf(error: Error): string {
	switch ((error as NodeJS.ErrnoException).code) {
		case "ENOSPC":
		case "EDQUOT":
			return "The disk is full: free some space.";
		case "EROFS":
			return "The disk is read-only: it may be worn out, or mounted so.";
		case "EACCES":
		case "EPERM":
			return "This user may not write there: change the owner of the folder.";
		case "EIO":
			return "The disk reports a fault: it may be worn out.";
		default:
			return `The system says: ${error.message}.`;
	}
}
