import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Browser } from "playwright-core";
import { EditorPage, openChromium } from "../helpers/editor-page";
import { installPackage, type NodeRedProcess, nodeRedLines, startNodeRed } from "../helpers/node-red-process";

/** Screenshots for people, not kept in the repository. */
const pictures = join(__dirname, "../../.work/screenshots");

let installed: ReturnType<typeof installPackage>;
beforeAll(() => {
	installed = installPackage();
});
afterAll(() => installed?.remove());

describe.each(nodeRedLines)("the form of the events node in Node-RED $line", (line) => {
	let nodeRed: NodeRedProcess;
	let browser: Browser;

	beforeAll(async () => {
		mkdirSync(pictures, { recursive: true });
		nodeRed = await startNodeRed(line, installed.folder);
		browser = await openChromium();
	});

	afterAll(async () => {
		await browser?.close();
		await nodeRed?.stop();
	});

	test("keeps which kinds of events are chosen", async () => {
		const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
		const editor = new EditorPage(page);
		await editor.open(nodeRed.url);
		const node = await editor.drag("flowbroker-events", 220, 140);
		const chosen = () =>
			page.locator("[id^=flowbroker-events-]:checked").evaluateAll((boxes) => boxes.map(({ id }) => id));
		await editor.edit(node);
		expect(await chosen()).toEqual(["connected", "disconnected", "refused"].map((kind) => `flowbroker-events-${kind}`));
		await page.uncheck("#flowbroker-events-refused");
		for (const kind of ["banned", "certificate", "store"]) await page.check(`#flowbroker-events-${kind}`);
		await page.screenshot({ path: join(pictures, `events-form-${line.line}.png`) });
		await editor.done();
		await editor.edit(node);
		const kinds = ["connected", "disconnected", "banned", "certificate", "store"];
		expect(await chosen()).toEqual(kinds.map((kind) => `flowbroker-events-${kind}`));
		await editor.done();
		expect(editor.errors).toEqual([]);
		await page.close();
	});
});
