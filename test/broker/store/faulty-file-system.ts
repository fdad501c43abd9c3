/** The real file system with faults: each call is shown to the test first, which may fail it, cut it short or hold it. */

import { basename } from "node:path";
import { type FileSystem, nodeFileSystem, type StoreFile } from "../../../broker/store/disk/file-system";

export interface Call {
	readonly operation: keyof FileSystem | keyof StoreFile;
	/** Name of the file or folder. */
	readonly name: string;
	/** Counted from 1. */
	readonly number: number;
}

/** What becomes of a call: an error, half of the bytes and then the error, or nothing special. */
export type Fate = { readonly error: Error; readonly short?: boolean } | undefined;

export class FaultyFileSystem implements FileSystem {
	readonly calls: Call[] = [];
	/** Set by the test. */
	fate: (call: Call) => Fate | Promise<Fate> = () => undefined;

	#gate: Promise<void> | undefined;
	#working = 0;
	#idle = () => {};

	/** Does the work while nothing changes on the disk. */
	async frozen(work: () => Promise<void>): Promise<void> {
		const door = new Door();
		this.#gate = door.opened;
		while (this.#working > 0) {
			await new Promise<void>((resolve) => {
				this.#idle = resolve;
			});
		}
		await work();
		this.#gate = undefined;
		door.open();
	}

	makeFolder = (path: string) => this.#call("makeFolder", path, () => nodeFileSystem.makeFolder(path));
	list = (path: string) => this.#call("list", path, () => nodeFileSystem.list(path));
	create = (path: string, exclusive: boolean) =>
		this.#call("create", path, async () => this.#file(path, await nodeFileSystem.create(path, exclusive)));
	open = (path: string) => this.#call("open", path, async () => this.#file(path, await nodeFileSystem.open(path)));
	readText = (path: string) => this.#call("readText", path, () => nodeFileSystem.readText(path));
	rename = (from: string, to: string) => this.#call("rename", from, () => nodeFileSystem.rename(from, to));
	remove = (path: string) => this.#call("remove", path, () => nodeFileSystem.remove(path));
	syncFolder = (path: string) => this.#call("syncFolder", path, () => nodeFileSystem.syncFolder(path));
	changedAt = (path: string) => nodeFileSystem.changedAt(path);
	touch = (path: string) => nodeFileSystem.touch(path);

	#file(path: string, file: StoreFile): StoreFile {
		return {
			write: (bytes, position) =>
				this.#call(
					"write",
					path,
					() => file.write(bytes, position),
					() => file.write(bytes.subarray(0, bytes.length >> 1), position),
				),
			read: (into, position) => this.#call("read", path, () => file.read(into, position)),
			sync: () => this.#call("sync", path, () => file.sync()),
			close: () => file.close(),
		};
	}

	async #call<T>(
		operation: Call["operation"],
		path: string,
		work: () => Promise<T>,
		half: () => Promise<unknown> = async () => {},
	): Promise<T> {
		const call = { operation, name: basename(path), number: this.calls.length + 1 };
		this.calls.push(call);
		const fate = await this.fate(call);
		while (this.#gate) await this.#gate;
		this.#working++;
		try {
			if (!fate) return await work();
			if (fate.short) await half();
			throw fate.error;
		} finally {
			this.#working--;
			if (this.#working === 0) this.#idle();
		}
	}
}

export function systemError(code: string): Error {
	return Object.assign(new Error(`${code}: a fault for a test`), { code });
}

/** A door that the test opens. */
export class Door {
	open = () => {};
	readonly opened = new Promise<void>((resolve) => {
		this.open = resolve;
	});
}
