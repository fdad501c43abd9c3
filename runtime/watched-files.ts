/** Notices changes of files, also of those that are replaced by another file of the same name. */

import { type FSWatcher, watch } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { errorText } from "./error-text";

/** An editor or a copy changes a file several times: this long nothing may happen before it counts, milliseconds. */
const quietMs = 200;

/** What a watch tells. */
export interface WatchEvents {
	/** Some file has changed, and is likely to be complete. */
	changed(): void;
	/** A folder can't be watched any more: a sentence for people. */
	problem(sentence: string): void;
}

/**
 * Watches the folders of the files, since a replaced file is another one: an editor renames, Kubernetes swaps a link.
 * `open` and `close` go together.
 */
export class WatchedFiles {
	readonly #files: readonly string[];
	readonly #events: WatchEvents;
	readonly #watchers: FSWatcher[] = [];
	#seen = "";
	#timer: NodeJS.Timeout | undefined;

	constructor(files: readonly string[], events: WatchEvents) {
		this.#files = files.map((file) => resolve(file));
		this.#events = events;
	}

	async open(): Promise<void> {
		this.#seen = await this.#look();
		for (const folder of new Set(this.#files.map((file) => dirname(file)))) this.#watch(folder);
		// What changed while the watch was being set up.
		this.#soon();
	}

	close(): void {
		clearTimeout(this.#timer);
		for (const watcher of this.#watchers) watcher.close();
	}

	#watch(folder: string): void {
		const failed = (error: unknown) => {
			this.#events.problem(
				`Changes in ${folder} are not noticed any more: ${errorText(error)}. Start the command again.`,
			);
		};
		try {
			const watcher = watch(folder, () => this.#soon());
			watcher.on("error", failed);
			this.#watchers.push(watcher);
		} catch (error) {
			failed(error);
		}
	}

	#soon(): void {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => void this.#compare(), quietMs);
	}

	/** Other files in the same folder may change as they like. */
	async #compare(): Promise<void> {
		const now = await this.#look();
		if (now === this.#seen) return;
		this.#seen = now;
		this.#events.changed();
	}

	/** The state of all files as a text; a missing file is a state too. */
	async #look(): Promise<string> {
		const states = this.#files.map(async (file) => {
			const found = await stat(file).catch(() => undefined);
			return found ? `${found.ino} ${found.size} ${found.mtimeMs}` : "-";
		});
		return (await Promise.all(states)).join();
	}
}
