/** The Node-RED editor in a real Chromium: the few things that a person does there. */

import { type Browser, chromium, type Page } from "playwright-core";
import { findProgram } from "./peer-program";

/** @param more arguments of Chromium */
export async function openChromium(more: readonly string[] = []): Promise<Browser> {
	const found = findProgram("chromium");
	return chromium.launch({
		executablePath: found.startsWith("/") ? found : "/usr/bin/chromium",
		args: [
			"--no-sandbox",
			"--disable-gpu",
			"--disable-quic",
			"--no-first-run",
			"--disable-background-networking",
			"--disable-component-update",
			"--disable-sync",
			...more,
		],
	});
}

export class EditorPage {
	/** What the browser's console reported as errors. */
	readonly errors: string[] = [];

	constructor(readonly page: Page) {
		page.on("pageerror", (error) => this.errors.push(error.message));
	}

	async open(url: string): Promise<void> {
		await this.page.goto(url);
		await this.page.waitForSelector("#red-ui-palette-search input");
		await this.page.waitForSelector(".red-ui-palette-node");
	}

	/** Drags a node type from the palette to a place on the canvas. @returns the id of the new node */
	async drag(type: string, x: number, y: number): Promise<string> {
		const search = this.page.locator("#red-ui-palette-search input");
		await search.fill("");
		await search.pressSequentially(type);
		const entry = this.page.locator(`.red-ui-palette-node[data-palette-type="${type}"]`);
		const before = await this.ids();
		const canvas = (await this.page.locator("#red-ui-workspace-chart").boundingBox()) as { x: number; y: number };
		const { mouse } = this.page;
		// The search begins a moment after the last key.
		await this.page.waitForFunction(() => {
			const entries = [...document.querySelectorAll<HTMLElement>(".red-ui-palette-node")];
			return entries.filter(({ offsetParent }) => offsetParent !== null).length < 6;
		});
		// Waits until the list, which slides while it is searched, has come to rest.
		await entry.hover();
		await mouse.down();
		await mouse.move(canvas.x + x - 20, canvas.y + y - 10, { steps: 5 });
		await mouse.move(canvas.x + x, canvas.y + y, { steps: 5 });
		await mouse.up();
		await this.page.waitForFunction(
			(count) => document.querySelectorAll("g.red-ui-flow-node").length > count,
			before.length,
		);
		return (await this.ids()).find((id) => !before.includes(id)) as string;
	}

	async wire(from: string, to: string): Promise<void> {
		const output = this.page.locator(`g.red-ui-flow-node[id="${from}"] .red-ui-flow-port-output .red-ui-flow-port`);
		const input = this.page.locator(`g.red-ui-flow-node[id="${to}"] .red-ui-flow-port-input .red-ui-flow-port`);
		await output.hover();
		await this.page.mouse.down();
		await input.hover();
		await this.page.mouse.up();
	}

	/** Opens the form of a node. */
	async edit(id: string): Promise<void> {
		await this.page.locator(`g.red-ui-flow-node[id="${id}"]`).dblclick();
		await this.page.waitForSelector("#node-dialog-ok");
		await settle(this.page);
	}

	/** Closes the open form with its button: Done. */
	async done(): Promise<void> {
		await this.page.click("#node-dialog-ok");
		await this.page.waitForSelector("#node-dialog-ok", { state: "detached" });
	}

	async deploy(): Promise<void> {
		const answered = this.page.waitForResponse(
			(response) => response.url().endsWith("/flows") && response.request().method() === "POST",
		);
		await this.page.click("#red-ui-header-button-deploy");
		const status = (await answered).status();
		if (status >= 300) throw new Error(`the deploy was answered with ${status}`);
	}

	async status(id: string): Promise<string | null> {
		return this.page.locator(`g.red-ui-flow-node[id="${id}"] .red-ui-flow-node-status-label`).textContent();
	}

	private ids(): Promise<string[]> {
		return this.page.locator("g.red-ui-flow-node").evaluateAll((nodes) => nodes.map(({ id }) => id));
	}
}

/** Waits until the sliding panel of a form has come to rest. */
async function settle(page: Page): Promise<void> {
	await page.waitForFunction(() => {
		const trays = document.querySelectorAll(".red-ui-tray");
		const last = trays[trays.length - 1] as HTMLElement | undefined;
		return last !== undefined && document.getAnimations().length === 0 && last.getBoundingClientRect().width > 200;
	});
}
