/**
 * Messages of one owner that are to outlive the process, such as those that wait for the connection to another broker.
 * They are the queue of one session in a store of its own. Nothing is written before the first message has to be kept.
 */

import { stat } from "node:fs/promises";
import { DiskStore, type DiskStoreOptions } from "./disk";
import type { StoreProblem } from "./problem";
import { FOR_EVER, type StoredMessage } from "./store";

/** The one session of such a store. */
const OWNER = "owner";

export interface KeptMessage {
	/** Messages are kept in this order. */
	readonly place: number;
	readonly message: StoredMessage;
}

export class KeptMessages {
	readonly #folder: string;
	readonly #store: DiskStore;
	readonly #tell: (problem: StoreProblem) => void;
	/** Changes that wait until the store is open; undefined when it is, or never will be. */
	#waiting: (() => void)[] | undefined = [];
	#opening: Promise<void> | undefined;
	#usable = true;

	/** @param tell what is wrong with the disk; the messages are then only in memory */
	constructor(options: Pick<DiskStoreOptions, "folder" | "fileSystem" | "now">, tell: (problem: StoreProblem) => void) {
		this.#folder = options.folder;
		this.#tell = tell;
		const unlimited = Number.MAX_SAFE_INTEGER;
		this.#store = new DiskStore(
			{
				queuedMessages: unlimited,
				queuedBytes: unlimited,
				allQueuedBytes: unlimited,
				queueDrops: "newest",
				retainedMessages: 0,
				retainedBytes: 0,
			},
			{ queueFull: () => {}, retainedFull: () => {}, problem: tell },
			{ ...options, durability: "interval" },
		);
	}

	/** @returns what was kept before, in order. Never rejects. */
	async open(): Promise<KeptMessage[]> {
		if (!(await exists(this.#folder))) return [];
		await this.#open();
		if (!this.#usable) return [];
		return this.#store
			.queue(OWNER)
			.map(({ key, message }) => ({ place: Number(key), message }))
			.sort((one, other) => one.place - other.place);
	}

	/** @param place larger than that of every message before it, or between theirs; no two have the same */
	keep(place: number, message: StoredMessage): void {
		this.#change(() =>
			this.#store.enqueue(OWNER, { key: String(place), message, packetId: undefined, released: false }),
		);
	}

	/** The message is where it had to go, or nobody wants it any more. */
	forget(place: number): void {
		this.#change(() => this.#store.discard(OWNER, String(place)));
	}

	/** Resolves when everything is on the disk. */
	async close(): Promise<void> {
		await this.#opening;
		this.#waiting = undefined;
		this.#usable = false;
		await this.#store.close();
	}

	#change(change: () => void): void {
		if (!this.#usable) return;
		if (!this.#waiting) {
			change();
			return;
		}
		this.#waiting.push(change);
		void this.#open();
	}

	#open(): Promise<void> {
		this.#opening ??= this.#store
			.open()
			.then(() => this.#store.keepSession(OWNER, null, FOR_EVER))
			.catch((error) => {
				this.#usable = false;
				this.#tell({ kind: "failing", error });
			})
			.then(() => {
				const changes = this.#waiting ?? [];
				this.#waiting = undefined;
				if (this.#usable) for (const change of changes) change();
			});
		return this.#opening;
	}
}

async function exists(folder: string): Promise<boolean> {
	try {
		await stat(folder);
		return true;
	} catch {
		return false;
	}
}
