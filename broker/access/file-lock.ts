/** Lets one process at a time change a file: who holds the lock has a file beside it, `<name>.lock`. */

import { randomBytes } from "node:crypto";
import { open, readFile, realpath, rm, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import { FlowbrokerError } from "../errors";

export interface FileLockOptions {
	/** Milliseconds until somebody who waits gives up. */
	readonly patience: number;
	/** Milliseconds after which a lock is taken for one left behind, even when its process seems to live. */
	readonly staleAfter: number;
}

/**
 * A change takes some milliseconds, on a worn SD card a second. The age also finds locks from before a restart of the
 * machine whose process number somebody else has now, and those of another machine or container.
 */
export const defaultFileLock = { patience: 10_000, staleAfter: 60_000 } as const satisfies FileLockOptions;

/** Milliseconds between two tries. */
const PAUSE = 15;

interface Holder {
	readonly pid: number;
	readonly host: string;
	/** Tells this lock from every other one. */
	readonly token: string;
}

/**
 * Does the work while nobody else who asks for the same lock works. The lock of a process that died is taken over.
 * @throws FlowbrokerError ACCESS_FILE_BUSY; the file system's error when the lock cannot be made
 */
export async function withFileLock<T>(
	path: string,
	work: () => Promise<T>,
	options: FileLockOptions = defaultFileLock,
): Promise<T> {
	const lock = `${await realpath(path).catch(() => path)}.lock`;
	const holder: Holder = { pid: process.pid, host: hostname(), token: randomBytes(12).toString("hex") };
	const end = Date.now() + options.patience;
	while (!(await take(lock, holder))) {
		if (await removeStale(lock, options.staleAfter)) continue;
		if (Date.now() > end) throw busy(path, lock, await readHolder(lock));
		await wait(PAUSE);
	}
	try {
		return await work();
	} finally {
		// Another one, when ours was taken for stale, is not ours to remove.
		if ((await readHolder(lock))?.token === holder.token) await rm(lock, { force: true });
	}
}

/** @returns false when somebody else has the lock */
async function take(lock: string, holder: Holder): Promise<boolean> {
	if (!(await create(lock))) return false;
	try {
		await writeFile(lock, JSON.stringify(holder));
		return true;
	} catch (error) {
		await rm(lock, { force: true });
		throw error;
	}
}

/** @returns true when it is worth trying at once to take the lock */
async function removeStale(lock: string, staleAfter: number): Promise<boolean> {
	const holder = await readHolder(lock);
	if (!(await isStale(lock, holder, staleAfter))) return false;
	// Of several who see the same stale lock only one may remove it: another could hit the lock of whoever came next.
	const turn = `${lock}.${holder?.token ?? "unreadable"}`;
	if (!(await create(turn))) {
		const age = await ageOf(turn);
		if (age !== undefined && Math.abs(age) > staleAfter) await rm(turn, { force: true });
		return false;
	}
	try {
		const same = (await readHolder(lock))?.token === holder?.token;
		if (same && (await isStale(lock, holder, staleAfter))) await rm(lock, { force: true });
	} finally {
		await rm(turn, { force: true });
	}
	return true;
}

async function isStale(lock: string, holder: Holder | undefined, staleAfter: number): Promise<boolean> {
	const age = await ageOf(lock);
	if (age === undefined) return true;
	// A clock that was put back makes locks from the future.
	return Math.abs(age) > staleAfter || (holder !== undefined && isDead(holder));
}

/** @returns false when the file is there already */
async function create(file: string): Promise<boolean> {
	try {
		await (await open(file, "wx", 0o600)).close();
		return true;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
		throw error;
	}
}

function isDead({ pid, host }: Holder): boolean {
	if (host !== hostname()) return false;
	try {
		process.kill(pid, 0);
		return false;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === "ESRCH";
	}
}

/** `undefined` when there is none, or its content is not written yet. */
async function readHolder(lock: string): Promise<Holder | undefined> {
	try {
		const { pid, host, token } = JSON.parse(await readFile(lock, "utf8")) as Partial<Holder>;
		const valid = Number.isSafeInteger(pid) && Number(pid) > 0 && /^[0-9a-f]{24}$/.test(String(token));
		return valid ? { pid: Number(pid), host: String(host), token: String(token) } : undefined;
	} catch {
		return undefined;
	}
}

/** Milliseconds since the file was written; `undefined` when there is none. */
async function ageOf(file: string): Promise<number | undefined> {
	try {
		return Date.now() - (await stat(file)).mtimeMs;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
		throw error;
	}
}

function busy(path: string, lock: string, holder: Holder | undefined): FlowbrokerError {
	const who = holder ? `the process ${holder.pid} on ${holder.host}` : "another program";
	const sentence = `${path} is being changed by ${who}: try again. If no such program runs, remove ${lock}.`;
	return new FlowbrokerError("ACCESS_FILE_BUSY", sentence);
}
