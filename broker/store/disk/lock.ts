/** Keeps a second process out of the folder of a store: the file `lock` names the process that has it. */

import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { FlowbrokerError } from "../../errors";
import { type FileSystem, writeAll } from "./file-system";
import { LOCK } from "./names";

/** Milliseconds between two signs of life, for processes on other machines and in other containers. */
const HEARTBEAT = 10_000;
/** Milliseconds without a sign of life after which such a lock is one left behind. */
const STALE_AFTER = 30_000;
/** How often the removal of a lock is tried. */
const TRIES = 5;

interface Holder {
	readonly pid: number;
	readonly host: string;
	/** Tells a process from a later one with the same number; null where the system does not say. */
	readonly started: string | null;
	readonly token: string;
}

export class StoreLock {
	readonly #fs: FileSystem;
	readonly #path: string;
	readonly #token = randomBytes(12).toString("hex");
	#heartbeat: NodeJS.Timeout | undefined;

	constructor(fs: FileSystem, folder: string) {
		this.#fs = fs;
		this.#path = join(folder, LOCK);
	}

	/** @throws FlowbrokerError STORE_LOCKED; the file system's error when the lock can't be made */
	async take(): Promise<void> {
		if (!(await this.#create())) {
			const holder = await this.#holder();
			if (await this.#isAlive(holder)) throw this.#locked(holder);
			await this.#fs.remove(this.#path);
			// Somebody else may have seen the same lock left behind: the last to write has it.
			if (!(await this.#create())) throw this.#locked(await this.#holder());
			if ((await this.#holder())?.token !== this.#token) throw this.#locked(await this.#holder());
		}
		this.#heartbeat = setInterval(() => void this.#fs.touch(this.#path).catch(() => {}), HEARTBEAT).unref();
	}

	async release(): Promise<void> {
		if (!this.#heartbeat) return;
		clearInterval(this.#heartbeat);
		this.#heartbeat = undefined;
		// A lock that stays behind would keep this process itself out.
		for (let tries = 0; tries < TRIES; tries++) if (await this.#remove()) return;
	}

	/** @returns false when the disk refuses */
	async #remove(): Promise<boolean> {
		try {
			// Another one, when ours was taken for one left behind, is not ours to remove.
			if ((await this.#fs.readText(this.#path)).includes(this.#token)) await this.#fs.remove(this.#path);
			return true;
		} catch (error) {
			return (error as NodeJS.ErrnoException).code === "ENOENT";
		}
	}

	/** @returns false when there is a lock */
	async #create(): Promise<boolean> {
		const holder: Holder = {
			pid: process.pid,
			host: hostname(),
			started: (await startOf(process.pid)) ?? null,
			token: this.#token,
		};
		try {
			const file = await this.#fs.create(this.#path, true);
			try {
				await writeAll(file, Buffer.from(JSON.stringify(holder)), 0);
			} finally {
				await file.close();
			}
			return true;
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
			await this.#fs.remove(this.#path).catch(() => {});
			throw error;
		}
	}

	/** undefined when there is none, or it is not written, or damaged by a power cut. */
	async #holder(): Promise<Holder | undefined> {
		try {
			const { pid, host, started, token } = JSON.parse(await this.#fs.readText(this.#path)) as Partial<Holder>;
			if (!Number.isSafeInteger(pid) || Number(pid) <= 0) return undefined;
			return { pid: Number(pid), host: String(host), started: started ?? null, token: String(token) };
		} catch {
			return undefined;
		}
	}

	async #isAlive(holder: Holder | undefined): Promise<boolean> {
		if (!holder) return false;
		if (holder.host === hostname()) return isRunning(holder);
		const changedAt = await this.#fs.changedAt(this.#path);
		return changedAt !== undefined && Math.abs(Date.now() - changedAt) < STALE_AFTER;
	}

	#locked(holder: Holder | undefined): FlowbrokerError {
		const who = holder ? `the process ${holder.pid} on ${holder.host}` : "another process";
		const sentence =
			`The store of the broker, ${this.#path.slice(0, -LOCK.length - 1)}, is in use by ${who}. ` +
			`End that process, or give this broker a folder of its own. If no such process runs, remove ${this.#path}.`;
		return new FlowbrokerError("STORE_LOCKED", sentence);
	}
}

async function isRunning({ pid, started }: Holder): Promise<boolean> {
	try {
		process.kill(pid, 0);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
	}
	// After a restart of the machine, or of a container, the number may be that of another process.
	const now = await startOf(pid);
	return started === null || now === undefined || now === started;
}

/** When the process started, in a form that only Linux knows: the boot, and the ticks since then. */
async function startOf(pid: number): Promise<string | undefined> {
	try {
		const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
		const status = await readFile(`/proc/${pid}/stat`, "utf8");
		// The name of the program, in brackets, may hold anything.
		const ticks = status.slice(status.lastIndexOf(")") + 2).split(" ")[19];
		return `${boot.trim()}:${ticks}`;
	} catch {
		return undefined;
	}
}
