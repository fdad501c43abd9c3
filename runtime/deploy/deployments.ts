/** Takes a flow from outside: checks it, puts it in the place of the flow file, runs it, and puts the old one back if it fails. */

import { open, readFile, rename, stat } from "node:fs/promises";
import { FlowbrokerError, whyUnwritable } from "../../broker";
import type { Finding } from "../check/finding";
import { type FlowFile, mergeFlows, parseFlowFile } from "../flows";
import type { Change } from "../live-flow";
import { reportError } from "../output";
import type { DeployedFile } from "./contract";

export interface DeploymentParts {
	/** The flow file, which is replaced. */
	readonly file: string;
	readonly check: (files: readonly FlowFile[]) => Promise<readonly Finding[]>;
	/** Does `write`, and then runs what the file holds, while nothing else changes the flow. */
	readonly run: (write: () => Promise<void>) => Promise<Change>;
}

export class Deployments {
	readonly #parts: DeploymentParts;
	#busy = false;

	constructor(parts: DeploymentParts) {
		this.#parts = parts;
	}

	check(files: readonly DeployedFile[]): Promise<readonly Finding[]> {
		return this.#parts.check(files.map(({ name, text }) => parseFlowFile(name, text)));
	}

	/**
	 * Resolves when the flow has worked for as long as a trial takes.
	 * @throws FlowbrokerError DEPLOY_BUSY, DEPLOY_FAILED, FILE_UNWRITABLE
	 */
	async deploy(files: readonly DeployedFile[]): Promise<void> {
		if (this.#busy) {
			throw new FlowbrokerError("DEPLOY_BUSY", "Another flow is being deployed here: try again when that is over.");
		}
		this.#busy = true;
		try {
			await this.#replace(textOf(files));
		} finally {
			this.#busy = false;
		}
	}

	async #replace(text: string): Promise<void> {
		const { file, run } = this.#parts;
		let before: Buffer | undefined;
		const change = await run(async () => {
			before = await readFile(file).catch(() => undefined);
			await writeFlow(file, text);
		});
		const outcome = await change.final;
		if (outcome.running) return;
		if (before) await writeFlow(file, before);
		const why = reportError(outcome.error).sentences.join(" ");
		const sentence = `The flow was started and failed, and what ran before runs again: ${why}`;
		throw new FlowbrokerError("DEPLOY_FAILED", sentence, outcome.error);
	}
}

/** One file stays as it is; several become one. */
function textOf(files: readonly DeployedFile[]): string {
	const [only] = files;
	if (only && files.length === 1) return only.text;
	const { nodes } = mergeFlows(files.map(({ name, text }) => parseFlowFile(name, text)));
	return `${JSON.stringify(nodes, null, "\t")}\n`;
}

/** Whole or not at all. @throws FlowbrokerError FILE_UNWRITABLE */
async function writeFlow(path: string, content: string | Buffer): Promise<void> {
	try {
		const mode = await stat(path).then(
			(found) => found.mode & 0o777,
			() => 0o640,
		);
		const file = await open(`${path}.new`, "w", mode);
		try {
			await file.writeFile(content);
			await file.sync();
		} finally {
			await file.close();
		}
		await rename(`${path}.new`, path);
	} catch (error) {
		const sentence = `The flow file ${path} can't be replaced: ${whyUnwritable(error)}. Keep it in a folder that the runtime may write to, such as its data folder.`;
		throw new FlowbrokerError("FILE_UNWRITABLE", sentence, error);
	}
}
