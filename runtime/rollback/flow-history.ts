/** Keeps the last flow that worked on the disk, and which flow is being tried: a process that ends in the trial tells by that. */

import { createHash } from "node:crypto";
import { open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { FlowbrokerError, whyUnwritable } from "../../broker";
import type { FlowNode } from "../flows";

/** In the data folder. */
export const historyName = "last-good-flow.json";

const version = 1;

interface Content {
	readonly version: typeof version;
	/** The last flow that worked, as its files had it. */
	readonly good: readonly FlowNode[] | null;
	/** The hash of a flow that was started and has not yet worked for long enough. */
	readonly trying: string | null;
	/** The hash of a flow that did not work. */
	readonly failed: string | null;
}

const nothing: Content = { version, good: null, trying: null, failed: null };

/** Two flows with the same nodes have the same hash, wherever they came from. */
export function hashOf(nodes: readonly FlowNode[]): string {
	return createHash("sha256").update(JSON.stringify(nodes)).digest("hex");
}

export class FlowHistory {
	readonly file: string;
	#content: Content = nothing;

	/** @param dataFolder must exist when something is written */
	constructor(dataFolder: string) {
		this.file = join(dataFolder, historyName);
	}

	/**
	 * Reads what the process before has left; a flow that it was trying when it ended counts as failed.
	 * @returns a sentence when the file is there and can't be used
	 */
	async load(): Promise<string | undefined> {
		let text: string;
		try {
			text = await readFile(this.file, "utf8");
		} catch (error) {
			const { code } = error as NodeJS.ErrnoException;
			return code === "ENOENT" ? undefined : `The last good flow in ${this.file} can't be read: ${code}.`;
		}
		const content = parse(text);
		if (!content) return `${this.file} is damaged: there is no flow to go back to until this one has worked.`;
		this.#content = content.trying === null ? content : { ...content, failed: content.trying, trying: null };
		return undefined;
	}

	/** The last flow that worked. */
	get good(): readonly FlowNode[] | undefined {
		return this.#content.good ?? undefined;
	}

	isGood(nodes: readonly FlowNode[]): boolean {
		return this.good !== undefined && hashOf(this.good) === hashOf(nodes);
	}

	hasFailed(nodes: readonly FlowNode[]): boolean {
		return this.#content.failed === hashOf(nodes);
	}

	/** A flow is about to be tried. */
	try(nodes: readonly FlowNode[]): Promise<void> {
		return this.#write({ ...this.#content, trying: hashOf(nodes), failed: null });
	}

	/** It has worked for long enough. */
	keep(nodes: readonly FlowNode[]): Promise<void> {
		return this.#write({ version, good: nodes, trying: null, failed: null });
	}

	/** It did not work. */
	reject(nodes: readonly FlowNode[]): Promise<void> {
		return this.#write({ ...this.#content, trying: null, failed: hashOf(nodes) });
	}

	/** The trial was ended by somebody: that says nothing of the flow. */
	async leave(): Promise<void> {
		if (this.#content.trying !== null) await this.#write({ ...this.#content, trying: null });
	}

	/** Whole or not at all, also when the power goes. @throws FlowbrokerError FILE_UNWRITABLE */
	async #write(content: Content): Promise<void> {
		const beside = `${this.file}.new`;
		try {
			const file = await open(beside, "w", 0o600);
			try {
				await file.writeFile(JSON.stringify(content));
				await file.sync();
			} finally {
				await file.close();
			}
			await rename(beside, this.file);
		} catch (error) {
			const sentence = `The last good flow can't be kept in ${this.file}: ${whyUnwritable(error)}. --rollback needs a data folder with room that can be written to.`;
			throw new FlowbrokerError("FILE_UNWRITABLE", sentence, error);
		}
		this.#content = content;
	}
}

/** @returns undefined for what was not written here */
function parse(text: string): Content | undefined {
	try {
		const content = JSON.parse(text) as Partial<Content> | null;
		const isText = (value: unknown) => value === null || typeof value === "string";
		const sound =
			content?.version === version &&
			(content.good === null || (Array.isArray(content.good) && content.good.every(isNode))) &&
			isText(content.trying) &&
			isText(content.failed);
		return sound ? (content as Content) : undefined;
	} catch {
		return undefined;
	}
}

function isNode(entry: unknown): boolean {
	const { id, type } = (entry ?? {}) as Record<string, unknown>;
	return typeof id === "string" && typeof type === "string";
}
