/** Tests in the editor of every Node-RED that is supported, each with the packed package and a Chromium. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe } from "@jest/globals";
import type { Browser } from "playwright-core";
import { openChromium } from "./editor-page";
import { installPackage, type NodeRedLine, type NodeRedProcess, nodeRedLines, startNodeRed } from "./node-red-process";

const pictures = join(__dirname, "../../.work/screenshots");

export class EditorStage {
	#nodeRed: NodeRedProcess | undefined;
	#browser: Browser | undefined;

	constructor(readonly line: NodeRedLine) {}

	get nodeRed(): NodeRedProcess {
		if (!this.#nodeRed) throw new Error("Node-RED has not started");
		return this.#nodeRed;
	}

	get browser(): Browser {
		if (!this.#browser) throw new Error("Chromium has not started");
		return this.#browser;
	}

	/** Where a picture goes. */
	picture(name: string): string {
		return join(pictures, `${name}-${this.line.line}.png`);
	}

	async open(installed: string, settings: Record<string, unknown>): Promise<void> {
		mkdirSync(pictures, { recursive: true });
		this.#nodeRed = await startNodeRed(this.line, installed, settings);
		this.#browser = await openChromium();
	}

	async close(): Promise<void> {
		await this.#browser?.close();
		await this.#nodeRed?.stop();
	}
}

interface Scenery {
	/** What is deployed at the start. */
	readonly flow?: readonly object[];
	/** Of Node-RED. */
	readonly settings?: Record<string, unknown>;
}

/** @param tests are registered for each Node-RED; the stage is open while they run */
export function inEachEditor(
	title: string,
	{ flow, settings = {} }: Scenery,
	tests: (stage: EditorStage) => void,
): void {
	describe(title, () => {
		let installed: ReturnType<typeof installPackage>;
		beforeAll(() => {
			installed = installPackage();
			if (flow) writeFileSync(join(installed.folder, "flows.json"), JSON.stringify(flow));
		});
		afterAll(() => installed?.remove());

		describe.each(nodeRedLines)("in Node-RED $line", (line) => {
			const stage = new EditorStage(line);
			beforeAll(() => stage.open(installed.folder, settings));
			afterAll(() => stage.close());
			tests(stage);
		});
	});
}
