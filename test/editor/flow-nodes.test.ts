import { beforeAll, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { EditorPage } from "../helpers/editor-page";
import { inEachEditor } from "../helpers/editor-stage";

/** Screenshots for people, not kept in the repository. */
/** The editor's own object in the page, as far as it is used here. */
interface EditorWindow {
	RED: {
		nodes: {
			import(nodes: object[], options: object): void;
			node(id: string): Record<string, unknown> | null;
			filterNodes(filter: object): Array<{ id: string }>;
		};
		workspaces: { active(): string };
		view: { redraw(force: boolean): void };
	};
}

inEachEditor("the forms of in, out and request", {}, (stage) => {
	let page: Page;
	let editor: EditorPage;

	beforeAll(async () => {
		page = await stage.browser.newPage({ viewport: { width: 1280, height: 1400 } });
		editor = new EditorPage(page);
		await editor.open(stage.nodeRed.url);
	});
	/** A property of a node, as the editor has it. */
	const property = (id: string, name: string) =>
		page.evaluate(([id, name]) => (window as unknown as EditorWindow).RED.nodes.node(id)?.[name], [id, name] as const);

	test("let one choose Node-RED's own broker configuration, and keep the choice", async () => {
		await page.evaluate(() => {
			const { RED } = window as unknown as EditorWindow;
			const broker = {
				id: "c0ffee0000000001",
				type: "mqtt-broker",
				name: "Old broker",
				broker: "127.0.0.1",
				port: "1",
			};
			const user = { id: "c0ffee0000000002", type: "mqtt out", z: RED.workspaces.active(), x: 700, y: 500, wires: [] };
			RED.nodes.import(
				[
					// With what Node-RED's own form demands.
					{ ...broker, autoConnect: false, clientid: "", keepalive: 60, cleansession: true },
					{ ...user, broker: broker.id, topic: "old" },
				],
				{},
			);
			RED.view.redraw(true);
		});
		for (const type of ["flowbroker-in", "flowbroker-out", "flowbroker-request"]) {
			const id = await editor.drag(type, 240, { "flowbroker-in": 100, "flowbroker-out": 200 }[type] ?? 300);
			await editor.edit(id);
			if (type === "flowbroker-in") await page.fill("#node-input-topic", "home/#");
			await page.selectOption("#node-input-broker", { label: "Old broker (mqtt-broker)" });
			expect(await page.locator("#node-input-btn-broker-edit").getAttribute("class")).toContain("disabled");
			await page.screenshot({ path: stage.picture(`${type}-form`) });
			await editor.done();
			expect(await property(id, "broker")).toBe("c0ffee0000000001");
			expect(await property(id, "validationErrors")).toEqual([]);
			await editor.edit(id);
			expect(await page.inputValue("#node-input-broker")).toBe("c0ffee0000000001");
			await editor.done();
			expect(await property(id, "broker")).toBe("c0ffee0000000001");
		}
		await editor.deploy();
	}, 120_000);

	test("give a node the outputs and inputs that its settings ask for", async () => {
		const request = await editor.drag("flowbroker-request", 520, 100);
		await editor.edit(request);
		await page.check("#flowbroker-request-second");
		await page.selectOption("#node-input-answers", "payload");
		expect(await page.isVisible("#node-input-idProperty")).toBe(true);
		await page.selectOption("#node-input-answers", "topic");
		expect(await page.isVisible("#node-input-idProperty")).toBe(false);
		await editor.done();
		expect(await property(request, "outputs")).toBe(2);

		const output = await editor.drag("flowbroker-out", 520, 200);
		await editor.edit(output);
		await page.check("#flowbroker-out-result");
		await page.selectOption("#node-input-queueDrop", "refuse");
		expect(await page.isVisible("#node-input-queueSize")).toBe(false);
		await editor.done();
		expect(await property(output, "outputs")).toBe(1);

		const input = await editor.drag("flowbroker-in", 520, 300);
		await editor.edit(input);
		await page.fill("#node-input-topic", "home/#");
		await page.selectOption("#node-input-pace", "asked");
		await page.screenshot({ path: stage.picture("flowbroker-in-asked") });
		await editor.done();
		expect(await property(input, "inputs")).toBe(1);
		await editor.edit(input);
		expect(await page.inputValue("#node-input-topicType")).toBe("topic");
		expect(await page.inputValue("#node-input-topic")).toBe("home/#");
		await page.selectOption("#node-input-pace", "free");
		await editor.done();
		expect(await property(input, "inputs")).toBe(0);
		await page.screenshot({ path: stage.picture("flow-nodes") });
		expect(editor.errors).toEqual([]);
	}, 120_000);
});
