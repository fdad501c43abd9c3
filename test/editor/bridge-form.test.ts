import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { startBroker, type TestBroker } from "../helpers/broker";
import { EditorPage } from "../helpers/editor-page";
import { inEachEditor } from "../helpers/editor-stage";
import { connect } from "../helpers/mqtt-client";

/** Screenshots for people, not kept in the repository. */
let other: TestBroker;
beforeAll(async () => {
	other = await startBroker();
});
afterAll(async () => {
	await other?.broker.stop();
});

inEachEditor("the bridge's form", {}, (stage) => {
	test("takes rules as a list, keeps them, and the bridge they make connects", async () => {
		const page = await stage.browser.newPage({ viewport: { width: 1280, height: 900 } });
		const editor = new EditorPage(page);
		await editor.open(stage.nodeRed.url);
		const bridge = await editor.drag("flowbroker-bridge", 220, 140);
		await editor.edit(bridge);
		await page.fill("#node-input-name", "second");
		await addBroker(page, "broker", async () => {
			await page.fill("#node-config-input-name", "here");
			await page.fill("#node-config-input-port", "0");
		});
		await addBroker(page, "remote", async () => {
			await page.fill("#node-config-input-name", "there");
			await page.selectOption("#flowbroker-broker-kind", "remote");
			await page.fill("#node-config-input-broker", "127.0.0.1");
			await page.fill("#node-config-input-port", String(other.port));
		});
		await fillRule(page, 0, { filter: "home/#", direction: "both", qos: "1", localPrefix: "", remotePrefix: "far/" });
		await fillRule(page, 1, { filter: "a+", direction: "in", qos: "0", localPrefix: "", remotePrefix: "" });
		await page.screenshot({ path: stage.picture("bridge-form") });
		await editor.done();
		// The triangle of a node with wrong settings.
		const wrong = page.locator(`g.red-ui-flow-node[id="${bridge}"] .red-ui-flow-node-error`);
		await wrong.waitFor({ state: "visible" });

		await editor.edit(bridge);
		const rows = page.locator("#node-input-rules-list li");
		expect(await rows.count()).toBe(2);
		await rows.nth(1).locator(".red-ui-editableList-item-remove").click();
		await page.waitForFunction(() => document.querySelectorAll("#node-input-rules-list li").length === 1);
		expect(await page.inputValue("#node-input-rules-list .flowbroker-bridge-remotePrefix")).toBe("far/");
		await page.locator("summary").first().click();
		await page.selectOption("#node-input-start", "lazy");
		expect(await page.isVisible("#node-input-idleTimeout")).toBe(true);
		await page.selectOption("#node-input-start", "automatic");
		expect(await page.isVisible("#node-input-idleTimeout")).toBe(false);
		await page.screenshot({ path: stage.picture("bridge-form-connection") });
		await editor.done();
		await editor.deploy();
		await page.waitForFunction(
			(id) =>
				document.querySelector(`g.red-ui-flow-node[id="${id}"] .red-ui-flow-node-status-label`)?.textContent ===
				"connected · 1 rule",
			bridge,
		);
		const client = await connect(other.url);
		await client.mqtt.subscribeAsync("$SYS/broker/connection/+/state");
		await page.screenshot({ path: stage.picture("bridge-canvas") });
		await client.close();
		expect(editor.errors).toEqual([]);
		await page.close();
	});
});

async function addBroker(page: Page, property: string, fill: () => Promise<void>): Promise<void> {
	await page.click(`#node-input-btn-${property}-add, #node-input-lookup-${property}`);
	await page.waitForSelector("#node-config-input-port");
	await fill();
	await page.click("#node-config-dialog-ok");
	await page.waitForSelector("#node-config-dialog-ok", { state: "detached" });
}

async function fillRule(page: Page, at: number, rule: Record<string, string>): Promise<void> {
	await page
		.locator("button, a")
		.filter({ hasText: /^\s*rule\s*$/ })
		.click();
	const row = page.locator("#node-input-rules-list li").nth(at);
	for (const [name, value] of Object.entries(rule)) {
		const input = row.locator(`.flowbroker-bridge-${name}`);
		if (name === "direction" || name === "qos") await input.selectOption(value);
		else await input.fill(value);
	}
}
