/**
 * A disk in memory whose power can be cut. What was not synced is then lost, or is there in part: any of its blocks, with
 * zeros between them. Names that were made, changed or removed since their folder was synced are there up to some moment.
 */

import { basename, dirname } from "node:path";
import type { FileSystem, StoreFile } from "../../../broker/store/disk/file-system";
import type { SeededRandom } from "../wire/seeded-random";

const BLOCK = 512;

/** Bytes that grow; what was never written is zero. */
class Bytes {
	#memory = Buffer.alloc(BLOCK);
	#length = 0;

	get content(): Buffer {
		return this.#memory.subarray(0, this.#length);
	}

	write(bytes: Buffer, position: number): void {
		this.#length = Math.max(this.#length, position + bytes.length);
		if (this.#length > this.#memory.length) {
			this.#memory = Buffer.concat([this.#memory, Buffer.alloc(2 * this.#length - this.#memory.length)]);
		}
		bytes.copy(this.#memory, position);
	}

	block(number: number): Buffer {
		return this.content.subarray(number * BLOCK, (number + 1) * BLOCK);
	}
}

class Inode {
	readonly bytes = new Bytes();
	readonly synced = new Bytes();
	readonly dirty = new Set<number>();

	write(bytes: Buffer, position: number): void {
		this.bytes.write(bytes, position);
		const end = position + bytes.length;
		for (let block = Math.floor(position / BLOCK); block * BLOCK < end; block++) this.dirty.add(block);
	}

	/** What was written when it was asked for is safe when it returns; what is written meanwhile is not. */
	async sync(work: () => Promise<void>): Promise<void> {
		const blocks = [...this.dirty].map((number) => ({ number, bytes: Buffer.from(this.bytes.block(number)) }));
		await work();
		for (const { number, bytes } of blocks) {
			this.synced.write(bytes, number * BLOCK);
			if (bytes.equals(this.bytes.block(number))) this.dirty.delete(number);
		}
	}

	afterCut(random: SeededRandom): Inode {
		const left = new Inode();
		const keep = (bytes: Buffer, position: number) => {
			left.bytes.write(bytes, position);
			left.synced.write(bytes, position);
		};
		keep(this.synced.content, 0);
		for (const block of this.dirty) if (random.below(2) === 0) keep(this.bytes.block(block), block * BLOCK);
		return left;
	}
}

type Names = Map<string, Inode>;

export class PowerCutDisk implements FileSystem {
	/** Called before each operation. */
	watch: (operation: string) => void = () => {};
	#names: Names = new Map();
	#syncedNames: Names = new Map();
	/** Since the folder was synced. */
	#changes: ((names: Names) => void)[] = [];
	#syncs = 0;
	#working = 0;

	/** Is something on its way to the disk? */
	get isSyncing(): boolean {
		return this.#syncs > 0;
	}

	/** Resolves when nothing is under way. */
	async idle(): Promise<void> {
		for (let quiet = 0; quiet < 5; quiet = this.#working === 0 ? quiet + 1 : 0) await turn();
	}

	/** The disk as it is found when the power is back. The process that had the lock is gone. */
	afterCut(random: SeededRandom): PowerCutDisk {
		const left = new PowerCutDisk();
		const names: Names = new Map(this.#syncedNames);
		for (const change of this.#changes.slice(0, random.below(this.#changes.length + 1))) change(names);
		for (const [name, inode] of names) if (basename(name) !== "lock") left.#names.set(name, inode.afterCut(random));
		left.#syncedNames = new Map(left.#names);
		return left;
	}

	makeFolder = () => this.#do("makeFolder", () => {});
	list = (folder: string) =>
		this.#do("list", () =>
			[...this.#names.keys()].filter((name) => dirname(name) === folder).map((name) => basename(name)),
		);
	create = (path: string, exclusive: boolean) =>
		this.#do("create", () => {
			if (exclusive && this.#names.has(path)) throw failure("EEXIST");
			const inode = new Inode();
			this.#change((names) => names.set(path, inode));
			return this.#file(inode);
		});
	open = (path: string) => this.#do("open", () => this.#file(this.#inode(path)));
	readText = (path: string) => this.#do("readText", () => this.#inode(path).bytes.content.toString());
	rename = (from: string, to: string) =>
		this.#do("rename", () => {
			const inode = this.#inode(from);
			this.#change((names) => {
				names.delete(from);
				names.set(to, inode);
			});
		});
	remove = (path: string) => this.#do("remove", () => this.#change((names) => names.delete(path)));
	syncFolder = () =>
		this.#do("syncFolder", async () => {
			const names = new Map(this.#names);
			const count = this.#changes.length;
			await turn();
			this.#syncedNames = names;
			this.#changes = this.#changes.slice(count);
		});
	changedAt = async (path: string) => (this.#names.has(path) ? 0 : undefined);
	touch = async () => {};

	#file(inode: Inode): StoreFile {
		return {
			write: (bytes, position) =>
				this.#do("write", () => {
					inode.write(bytes, position);
					return bytes.length;
				}),
			read: (into, position) => this.#do("read", () => inode.bytes.content.copy(into, 0, position)),
			sync: () =>
				this.#do("sync", async () => {
					this.#syncs++;
					await inode.sync(turn);
					this.#syncs--;
				}),
			close: async () => {},
		};
	}

	#inode(path: string): Inode {
		const inode = this.#names.get(path);
		if (!inode) throw failure("ENOENT");
		return inode;
	}

	#change(change: (names: Names) => void): void {
		change(this.#names);
		this.#changes.push(change);
	}

	async #do<T>(operation: string, work: () => T | Promise<T>): Promise<T> {
		this.#working++;
		try {
			await turn();
			this.watch(operation);
			return await work();
		} finally {
			this.#working--;
		}
	}
}

function turn(): Promise<void> {
	return new Promise((resolve) => setImmediate(resolve));
}

function failure(code: string): Error {
	return Object.assign(new Error(`${code}: as on a disk`), { code });
}
