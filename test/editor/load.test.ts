import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { inEachEditor } from "../helpers/editor-stage";
import { connect, type TestClient } from "../helpers/mqtt-client";
import { loginSettings, Sidebar } from "../helpers/sidebar-page";

/** Screenshots for people, not kept in the repository. */
const SECONDS = 10;
const flow = [
	{ id: "tab", type: "tab", label: "Flow" },
	{ id: "home", type: "flowbroker-broker", name: "Home", host: "127.0.0.1", port: 0, anonymous: "yes", access: "any" },
	{ id: "in", type: "flowbroker-in", z: "tab", topic: "nothing", broker: "home", x: 100, y: 100, wires: [[]] },
];

inEachEditor("the tree of topics", { flow, settings: loginSettings }, (stage) => {
	let sidebar: Sidebar;
	let client: TestClient;

	beforeAll(async () => {
		sidebar = new Sidebar(await stage.browser.newPage({ viewport: { width: 1280, height: 900 } }));
		await sidebar.logIn(stage.nodeRed.url, "owner");
		client = await connect(`mqtt://127.0.0.1:${await sidebar.mqttPort()}`);
		await sidebar.open("Topics");
	});

	afterAll(async () => {
		await client?.close();
	});

	/** A thousand messages a second, in portions as a clock would bring them. */
	async function publish(): Promise<void> {
		let sent = 0;
		const startedAt = Date.now();
		await new Promise<void>((resolve) => {
			const timer = setInterval(() => {
				const due = Math.min(SECONDS * 1_000, Date.now() - startedAt);
				for (; sent < due; sent++) client.mqtt.publish(`load/room${sent % 50}/device${sent % 500}`, `value ${sent}`);
				if (sent < SECONDS * 1_000) return;
				clearInterval(timer);
				resolve();
			}, 20);
		});
		await client.mqtt.publishAsync("load/last", "everything was sent", { qos: 1 });
	}

	test("follows 1,000 messages a second, and can be used all the while", async () => {
		const { page, root } = sidebar;
		await page.evaluate(() => {
			const tasks: number[] = [];
			(window as unknown as { longTasks: number[] }).longTasks = tasks;
			new PerformanceObserver((list) => {
				for (const { duration } of list.getEntries()) tasks.push(duration);
			}).observe({ type: "longtask" });
		});
		const published = publish();
		const tree = root.getByRole("tree");
		const load = tree.getByRole("treeitem").filter({ hasText: "load" });
		await load.locator(".flowbroker-tree-arrow").click();
		const room = tree.getByRole("treeitem").filter({ hasText: /^room7\d/ });
		await room.first().waitFor();
		await room.first().locator(".flowbroker-tree-arrow").click();
		await tree.getByRole("treeitem").filter({ hasText: "device7value" }).click();
		const shown = sidebar.section("Selected topic").locator("pre");
		const first = await shown.textContent();
		await page.waitForFunction(
			(before) => document.querySelector(".flowbroker-topic pre")?.textContent !== before,
			first,
		);
		await published;
		await tree.getByRole("treeitem").filter({ hasText: "everything was sent" }).waitFor();
		// How long depends on the machine: it is stated, and not judged.
		const tasks = await page.evaluate(() => (window as unknown as { longTasks: number[] }).longTasks);
		const longest = Math.round(Math.max(0, ...tasks));
		const all = Math.round(tasks.reduce((sum, each) => sum + each, 0));
		const text = `Node-RED ${stage.line.line}: ${tasks.length} long tasks of the main thread in ${SECONDS} s at 1,000 messages a second, the longest ${longest} ms, together ${all} ms`;
		process.stdout.write(`${text}\n`);
		expect(sidebar.errors).toEqual([]);
	});

	test("stays small in the page with 45,000 topics, of which any can be found", async () => {
		const { page, root } = sidebar;
		for (let at = 0; at < 45_000; at++) client.mqtt.publish(`many/${at % 300}/sensor${at}`, String(at));
		await client.mqtt.publishAsync("many/done", "all there", { qos: 1 });
		const tree = root.getByRole("tree");
		// The first row folds up, which makes room for the next one.
		for (const key of ["Home", "ArrowLeft"]) await tree.press(key);
		await tree.getByRole("treeitem").filter({ hasText: "many" }).locator(".flowbroker-tree-arrow").click();
		await tree.press("End");
		await page.waitForFunction(() => {
			const total = document.querySelector(".flowbroker-topics > .flowbroker-quiet")?.textContent ?? "";
			return Number(total.replace(/\D/g, "")) > 45_000;
		});
		expect(await tree.getByRole("treeitem").count()).toBeLessThan(100);
		await root.getByRole("searchbox", { name: "Search topics" }).fill("sensor44321");
		await tree.getByRole("treeitem").filter({ hasText: "sensor44321" }).click();
		await sidebar.section("Selected topic").locator("pre").getByText("44321").waitFor();
		await root.getByRole("searchbox", { name: "Search topics" }).fill("");
		expect(await tree.getByRole("treeitem").count()).toBeLessThan(100);
		await page.screenshot({ path: stage.picture("many-topics") });
		expect(sidebar.errors).toEqual([]);
	});
});
