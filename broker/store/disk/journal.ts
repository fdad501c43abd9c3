/**
 * Writes records behind: what is changed in one turn of the event loop, or while a write is under way, leaves in one
 * write. A group that the disk does not take is kept and tried again, so that nobody is told too early.
 */

import { join } from "node:path";
import type { StoreRecord } from "../record";
import type { Durability } from "./durability";
import { syncedMark } from "./encode-records";
import { type FileSystem, type StoreFile, writeAll } from "./file-system";
import { Group } from "./group";
import { segmentName } from "./names";

/** Milliseconds between two syncs, where not every group is synced. */
const SYNC_EVERY = 250;
/** Milliseconds until a write that failed is tried again: more and more. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5_000;
/** Bytes that may wait for the disk before new messages have to wait. */
const MOST_WAITING = 8_388_608;

export interface JournalEvents {
	/** The disk refuses: told for each try. */
	failing(error: Error): void;
	/** It takes everything again. */
	working(): void;
	/** What was written since the last sync may be lost; it is in memory. */
	unsynced(): void;
	/** @param bytes that were added */
	written(bytes: number): void;
	/** Does the payload wait for more than one session? */
	isShared(payload: Buffer): boolean;
}

export class Journal {
	readonly #fs: FileSystem;
	readonly #folder: string;
	readonly #syncEach: boolean;
	readonly #events: JournalEvents;
	#number: number;
	#file: StoreFile | undefined;
	#position = 0;
	/** Bytes of the file that are synced, and those of which the file says so. */
	#synced = 0;
	#marked = 0;
	/** Collects what is changed now. */
	#next: Group | undefined;
	/** Is being written. */
	#current: Group | undefined;
	#running: Promise<void> | undefined;
	#failing = false;
	#closing = false;
	/** Ends a pause between two tries. */
	#wake = () => {};
	#syncTimer: NodeJS.Timeout | undefined;
	#syncing: Promise<void> | undefined;
	/** A new file is asked for. */
	readonly #rotations: ((number: number | undefined) => void)[] = [];
	#isRotationDue = false;

	/** @param number of the first file that it makes; no file of that number may exist */
	constructor(fs: FileSystem, folder: string, number: number, durability: Durability, events: JournalEvents) {
		this.#fs = fs;
		this.#folder = folder;
		this.#number = number;
		this.#syncEach = durability === "each";
		this.#events = events;
	}

	get congested(): boolean {
		return (this.#next?.bytes ?? 0) + (this.#current?.bytes ?? 0) > MOST_WAITING;
	}

	/** After the end nothing is taken any more. */
	append(record: StoreRecord): void {
		if (this.#closing) return;
		this.#next ??= new Group((payload) => this.#events.isShared(payload));
		this.#next.add(record);
		this.#start();
	}

	/** Resolves when what was appended so far is kept as promised; undefined when it is. */
	flushed(): Promise<void> | undefined {
		return (this.#next ?? this.#current)?.whenKept;
	}

	/**
	 * Everything that is appended after it resolves goes into a new file.
	 * @returns the number of that file; undefined when the journal was closed before
	 */
	rotate(): Promise<number | undefined> {
		return new Promise((resolve) => {
			this.#rotations.push(resolve);
			this.#isRotationDue = true;
			this.#start();
		});
	}

	/** Resolves when everything is synced, or can't be. @returns the error that kept it from being so */
	async close(): Promise<Error | undefined> {
		this.#closing = true;
		this.#isRotationDue = false;
		clearTimeout(this.#syncTimer);
		this.#wake();
		while (this.#running) await this.#running;
		await this.#syncing;
		for (const resolve of this.#rotations.splice(0)) resolve(undefined);
		const lost = this.#current ?? this.#next;
		const file = this.#file;
		this.#file = undefined;
		try {
			await file?.sync();
			if (file) {
				this.#synced = this.#position;
				await this.#markEnd(file);
			}
			await file?.close();
		} catch (error) {
			return error as Error;
		}
		return lost && new Error("the disk did not take the last changes");
	}

	#start(): void {
		if (this.#running) return;
		this.#running = this.#run().finally(() => {
			this.#running = undefined;
			const gaveUp = this.#current !== undefined;
			if (!gaveUp && (this.#next || this.#isRotationDue)) this.#start();
		});
	}

	async #run(): Promise<void> {
		// The rest of this turn belongs to the group.
		await new Promise((resolve) => setImmediate(resolve));
		while (this.#next || this.#isRotationDue) {
			this.#current = this.#next;
			this.#next = undefined;
			if (!(await this.#keep(this.#current))) return;
			const group = this.#current;
			this.#current = undefined;
			group?.kept();
		}
	}

	/** @returns false when it was given up because the journal closes */
	async #keep(group: Group | undefined): Promise<boolean> {
		for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
			try {
				await this.#write(group);
				if (this.#failing) {
					this.#failing = false;
					this.#events.working();
				}
				return true;
			} catch (error) {
				this.#failing = true;
				this.#events.failing(error as Error);
				if (this.#closing) return false;
				await this.#wait(pause);
			}
		}
	}

	async #write(group: Group | undefined): Promise<void> {
		if (this.#isRotationDue) await this.#closeFile();
		const file = this.#file ?? (await this.#openFile());
		for (const resolve of this.#rotations.splice(0)) resolve(this.#number);
		if (!group) return;
		const bytes = group.encoded(this.#synced > this.#marked ? syncedMark(this.#synced) : undefined);
		await this.#writeTo(file, bytes);
		this.#position += bytes.length;
		this.#marked = this.#synced;
		if (this.#syncEach) await this.#sync(file);
		this.#events.written(bytes.length);
		if (!this.#syncEach) this.#syncSoon(file);
	}

	/** At the same place when it is tried again on a disk that was full: a part may have been written. */
	async #writeTo(file: StoreFile, bytes: Buffer): Promise<void> {
		try {
			await writeAll(file, bytes, this.#position);
		} catch (error) {
			if (!isFull(error)) this.#abandon(file);
			throw error;
		}
	}

	async #openFile(): Promise<StoreFile> {
		this.#position = 0;
		this.#synced = 0;
		this.#marked = 0;
		const file = await this.#fs.create(join(this.#folder, segmentName(this.#number, "journal")), false);
		try {
			await this.#fs.syncFolder(this.#folder);
		} catch (error) {
			file.close().catch(() => {});
			throw error;
		}
		this.#file = file;
		return file;
	}

	async #closeFile(): Promise<void> {
		const file = this.#file;
		if (file) {
			clearTimeout(this.#syncTimer);
			this.#syncTimer = undefined;
			await this.#syncing;
			await this.#sync(file);
			await this.#markEnd(file);
			this.#leaveFile(file);
		}
		this.#isRotationDue = false;
	}

	/** Nothing more is written to the file: whoever reads it is to know that all of it was synced. */
	async #markEnd(file: StoreFile): Promise<void> {
		if (this.#synced > this.#marked) await writeAll(file, syncedMark(this.#synced), this.#position).catch(() => {});
	}

	/** The next write goes to a new file; one in which nothing was kept is made anew. */
	#leaveFile(file: StoreFile): void {
		this.#file = undefined;
		if (this.#position > 0) this.#number++;
		// What was to be kept is synced, or will be written to the next file.
		file.close().catch(() => {});
	}

	/** Nobody knows what of the file is on the disk: it is not written to again. */
	#abandon(file: StoreFile): void {
		if (this.#file === file) this.#leaveFile(file);
		this.#events.unsynced();
	}

	async #sync(file: StoreFile): Promise<void> {
		const position = this.#position;
		try {
			await file.sync();
			if (this.#file === file) this.#synced = position;
		} catch (error) {
			this.#abandon(file);
			throw error;
		}
	}

	#syncSoon(file: StoreFile): void {
		if (this.#syncTimer || this.#closing) return;
		this.#syncTimer = setTimeout(() => {
			this.#syncTimer = undefined;
			this.#syncing = this.#sync(file).catch((error: Error) => {
				this.#failing = true;
				this.#events.failing(error);
			});
		}, SYNC_EVERY);
	}

	#wait(milliseconds: number): Promise<void> {
		return new Promise((resolve) => {
			const timer = setTimeout(resolve, milliseconds);
			this.#wake = () => {
				clearTimeout(timer);
				resolve();
			};
		});
	}
}

function isFull(error: unknown): boolean {
	const { code } = error as NodeJS.ErrnoException;
	return code === "ENOSPC" || code === "EDQUOT";
}
