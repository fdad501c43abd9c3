/** A text file that is read again when it changes, also when an editor or a tool replaces it. */

import { type FSWatcher, watch } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { toFlowbrokerError } from "../errors";
import type { FileProblem } from "./file-problem";

export interface WatchedFileOptions {
	/** Called a moment after something happened in the file's directory: the file itself may be unchanged. */
	readonly onMaybeChanged: () => void;
	readonly onProblem: (problem: FileProblem) => void;
}

/** Editors write in several steps; milliseconds of quiet until the file is read. */
const DEBOUNCE = 100;

export class WatchedFile {
	readonly path: string;
	#watcher: FSWatcher | undefined;
	#timer: NodeJS.Timeout | undefined;
	#seen: string | undefined;

	constructor(
		path: string,
		private readonly options: WatchedFileOptions,
	) {
		this.path = resolve(path);
	}

	/** Begins to watch; a directory that cannot be watched is a problem, not an error. */
	start(): void {
		try {
			// The directory, because the file itself may be replaced, or not exist yet.
			this.#watcher = watch(dirname(this.path), () => this.#later());
			this.#watcher.on("error", (error) => this.#unwatchable(error));
		} catch (error) {
			this.#unwatchable(error);
		}
	}

	stop(): void {
		clearTimeout(this.#timer);
		this.#watcher?.close();
		this.#watcher = undefined;
	}

	/**
	 * The bytes of the file when they may differ from what was read last; else `undefined`.
	 * @throws the file system's error: also ENOENT, once for each time that the file disappears
	 */
	async readIfChanged(): Promise<Buffer | undefined> {
		const now = await this.#signature();
		if (now === this.#seen) return undefined;
		// Remembered before reading: what changes while it is read is read again.
		this.#seen = now;
		try {
			return await readFile(this.path);
		} catch (error) {
			// What could not be read is tried again at the next occasion, but a missing file is told of only once.
			if ((error as NodeJS.ErrnoException).code !== "ENOENT") this.#seen = undefined;
			throw error;
		}
	}

	/** What is in the file now is known to the caller, who has just written it. */
	async markSeen(): Promise<void> {
		this.#seen = await this.#signature();
	}

	async #signature(): Promise<string> {
		try {
			const { dev, ino, size, mtimeNs, ctimeNs } = await stat(this.path, { bigint: true });
			return [dev, ino, size, mtimeNs, ctimeNs].join(" ");
		} catch (error) {
			return `absent ${(error as NodeJS.ErrnoException).code}`;
		}
	}

	#later(): void {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(this.options.onMaybeChanged, DEBOUNCE);
		this.#timer.unref();
	}

	#unwatchable(cause: unknown): void {
		const sentence = `Changes of ${this.path} are not noticed by themselves: its directory cannot be watched. Restart after a change.`;
		const error = toFlowbrokerError(cause, "ACCESS_FILE_UNREADABLE", sentence);
		this.options.onProblem({ file: this.path, line: null, severity: "warning", error });
	}
}
