/** Tells when any of a few files changes, also when they are replaced or reached through links that are changed. */

import { type FSWatcher, watch } from "node:fs";
import { dirname } from "node:path";
import { FlowbrokerError } from "../errors";

/** A certificate and its key are written one after the other; milliseconds of quiet until they are read. */
const DEBOUNCE = 300;

export interface WatchedFilesEvents {
	/** A moment after something happened beside the files: they themselves may be unchanged. */
	changed(): void;
	failed(error: FlowbrokerError): void;
}

export class WatchedFiles {
	readonly #directories: ReadonlySet<string>;
	readonly #events: WatchedFilesEvents;
	#watchers: FSWatcher[] = [];
	#timer: NodeJS.Timeout | undefined;

	/** @param files absolute paths */
	constructor(files: readonly string[], events: WatchedFilesEvents) {
		this.#directories = new Set(files.map((file) => dirname(file)));
		this.#events = events;
	}

	start(): void {
		for (const directory of this.#directories) {
			try {
				const watcher = watch(directory, () => this.#later());
				watcher.on("error", (error) => this.#unwatchable(directory, error));
				this.#watchers.push(watcher);
			} catch (error) {
				this.#unwatchable(directory, error);
			}
		}
	}

	stop(): void {
		clearTimeout(this.#timer);
		for (const watcher of this.#watchers) watcher.close();
		this.#watchers = [];
	}

	#later(): void {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => this.#events.changed(), DEBOUNCE);
	}

	#unwatchable(directory: string, cause: unknown): void {
		const sentence = `New certificates in ${directory} are not noticed by themselves: the folder can't be watched. Restart the broker after a change.`;
		this.#events.failed(new FlowbrokerError("CERTIFICATE_UNWATCHED", sentence, cause));
	}
}
