import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Browser } from "playwright-core";
import { startBroker, type TestBroker } from "../helpers/broker";
import { openChromium } from "../helpers/editor-page";
import { freePort } from "../helpers/free-port";
import { installPackage, type NodeRedProcess, nodeRedLines, startNodeRed } from "../helpers/node-red-process";
import { loginSettings, Sidebar } from "../helpers/sidebar-page";

/** Screenshots for people, not kept in the repository. */
const pictures = join(__dirname, "../../.work/screenshots");
const place = { z: "tab", x: 100, y: 100 };
const rules = [{ filter: "house/#", direction: "both", qos: "1", localPrefix: "", remotePrefix: "" }];
const remote = (id: string, port: number) => ({
	id,
	type: "flowbroker-broker",
	kind: "remote",
	broker: "127.0.0.1",
	port,
	protocolVersion: "5",
	reconnectMin: 0.1,
	reconnectMax: 0.2,
});
const bridge = (name: string, to: string) => ({
	...place,
	id: name,
	type: "flowbroker-bridge",
	name,
	broker: "home",
	remote: to,
	clientid: name,
	rules,
});

describe.each(nodeRedLines)("the bridges in the sidebar of Node-RED $line", (line) => {
	let there: TestBroker;
	let port: number;
	let installed: ReturnType<typeof installPackage>;
	let nodeRed: NodeRedProcess;
	let browser: Browser;
	let sidebar: Sidebar;

	beforeAll(async () => {
		mkdirSync(pictures, { recursive: true });
		there = await startBroker();
		port = await freePort();
		installed = installPackage();
		const flow = [
			{ id: "tab", type: "tab", label: "Flow" },
			{ id: "home", type: "flowbroker-broker", name: "Home", host: "127.0.0.1", port: 0, anonymous: "no" },
			...[remote("far", there.port), remote("nowhere", port)],
			...[bridge("second-home", "far"), bridge("cloud", "nowhere")],
		];
		writeFileSync(join(installed.folder, "flows.json"), JSON.stringify(flow));
		nodeRed = await startNodeRed(line, installed.folder, loginSettings);
		browser = await openChromium();
		sidebar = new Sidebar(await browser.newPage({ viewport: { width: 1280, height: 1100 } }));
		await sidebar.logIn(nodeRed.url, "owner");
	});

	afterAll(async () => {
		await browser?.close();
		await nodeRed?.stop();
		installed?.remove();
		await there?.broker.stop();
	});

	test("are listed with how each is doing, and what is wrong is said first", async () => {
		await sidebar.open("Overview");
		const bridges = sidebar.section("Bridges");
		const good = bridges.getByRole("listitem").filter({ hasText: "second-home" });
		await good.getByText("second-home · connected").waitFor();
		await good.getByText(`mqtt://127.0.0.1:${there.port}`).waitFor();
		await good.getByText("MQTT 5 · rules: 1 · waiting: 0 · dropped: 0").waitFor();
		const bad = bridges.getByRole("listitem").filter({ hasText: "cloud" });
		await bad.getByText("cloud · not connected").waitFor();
		await bad.getByText(`Nothing listens on port ${port}`).waitFor();
		await sidebar.see(`Bridge cloud: Nothing listens on port ${port}`);
		await bad.scrollIntoViewIfNeeded();
		const name = `bridges-${line.folder}`;
		await sidebar.page.screenshot({ path: join(pictures, `${name}-light.png`) });
		await sidebar.page.evaluate(darken);
		await sidebar.page.screenshot({ path: join(pictures, `${name}-dark.png`) });
	});

	test("show a change without being asked", async () => {
		const late = await startBroker({ listeners: [{ port }] });
		try {
			await sidebar.section("Bridges").getByText("cloud · connected").waitFor();
			await sidebar.root.getByText(`Bridge cloud: Nothing listens on port ${port}`).waitFor({ state: "detached" });
		} finally {
			await late.broker.stop();
		}
		await sidebar.section("Bridges").getByText("cloud · not connected").waitFor();
		expect(sidebar.errors).toEqual([]);
	});
});

/** The colours of a dark theme, as themes for Node-RED set them. */
function darken(): void {
	const colours: Record<string, string> = {
		"primary-background": "#1e1e1e",
		"secondary-background": "#252526",
		"tertiary-background": "#2d2d2d",
		"form-tips-background": "#3b3620",
		"primary-text-color": "#ddd",
		"secondary-text-color": "#bbb",
		"header-text-color": "#eee",
		"primary-border-color": "#444",
		"secondary-border-color": "#3a3a3a",
		"text-color-success": "#6c6",
		"text-color-error": "#f66",
		"text-color-warning": "#db4",
	};
	for (const [name, colour] of Object.entries(colours)) {
		document.documentElement.style.setProperty(`--red-ui-${name}`, colour);
	}
}
