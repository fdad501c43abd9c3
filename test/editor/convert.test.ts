import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { startBroker, type TestBroker } from "../helpers/broker";
import { EditorPage } from "../helpers/editor-page";
import { inEachEditor } from "../helpers/editor-stage";
import { LookOut } from "../helpers/look-out";
import { connect } from "../helpers/mqtt-client";

const login = { user: "flow", password: "a password that no browser has" };

interface ExportedNode {
	readonly id: string;
	readonly type: string;
	readonly [property: string]: unknown;
}

/** The few things of the editor that the test asks; it runs in the page. */
interface EditorWindow {
	readonly RED: {
		readonly actions: { invoke(name: string): void };
		readonly nodes: { createCompleteNodeSet(): ExportedNode[]; dirty(): boolean };
		readonly workspaces: { show(id: string): void };
		readonly editor: { editConfig(name: string, type: string, id: string): void };
	};
}

inEachEditor("converting", {}, (stage) => {
	let broker: TestBroker;
	let editor: EditorPage;
	let page: Page;
	/** All that the browser was sent. */
	let seen = "";

	const flow = (): ExportedNode[] => [
		{ id: "tab", type: "tab", label: "Home" },
		{ id: "more", type: "tab", label: "More" },
		{
			id: "group",
			type: "group",
			z: "tab",
			name: "G",
			style: {},
			nodes: ["input", "output"],
			...{ x: 54, y: 39, w: 452, h: 82 },
		},
		{
			id: "broker",
			type: "mqtt-broker",
			name: "Home",
			broker: "127.0.0.1",
			port: String(broker.port),
			clientid: "",
			autoConnect: true,
			protocolVersion: "5",
			keepalive: "60",
			cleansession: true,
			credentials: login,
		},
		{
			...{ id: "input", type: "mqtt in", z: "tab", g: "group", name: "Question", topic: "question", qos: "1" },
			...{ datatype: "auto-detect", broker: "broker", nl: false, rap: true, rh: 0, inputs: 0 },
			...{ x: 140, y: 80, wires: [["output"]] },
		},
		{
			...{ id: "output", type: "mqtt out", z: "tab", g: "group", name: "", topic: "answer", qos: "1", retain: "" },
			...{ respTopic: "", contentType: "", userProps: "", correl: "", expiry: "", broker: "broker" },
			...{ x: 420, y: 80, wires: [] },
		},
		{
			...{ id: "other", type: "mqtt out", z: "more", name: "Other", topic: "other", qos: "", retain: "" },
			...{ respTopic: "", contentType: "", userProps: "", correl: "", expiry: "", broker: "broker" },
			...{ x: 420, y: 80, wires: [] },
		},
		{
			...{ id: "catch", type: "catch", z: "tab", name: "Not converted", scope: null, uncaught: false },
			...{ x: 140, y: 160, wires: [["output"]] },
		},
	];

	beforeAll(async () => {
		broker = await startBroker({ access: { kind: "open" } });
	});
	afterAll(async () => {
		await broker?.broker.stop();
	});

	/** What is deployed when the editor is opened. */
	const openWith = async (nodes: readonly ExportedNode[], shown: string, locale = "en-US") => {
		const answer = await fetch(`${stage.nodeRed.url}/flows`, {
			method: "POST",
			headers: { "content-type": "application/json", "Node-RED-Deployment-Type": "full" },
			body: JSON.stringify(nodes),
		});
		expect(answer.ok).toBe(true);
		await page?.close();
		page = await stage.browser.newPage({ viewport: { width: 1280, height: 800 }, locale });
		seen = "";
		page.on("response", (response) => {
			response.text().then(
				(text) => {
					seen += text;
				},
				() => {},
			);
		});
		editor = new EditorPage(page);
		await editor.open(stage.nodeRed.url);
		await page.waitForSelector(`g.red-ui-flow-node[id="${shown}"]`);
	};
	beforeEach(() => openWith(flow(), "input"));

	const nodes = async (): Promise<ExportedNode[]> => {
		const all = await page.evaluate(() => (window as unknown as EditorWindow).RED.nodes.createCompleteNodeSet());
		return all.sort((one, other) => one.id.localeCompare(other.id));
	};
	const node = async (id: string) => (await nodes()).find((one) => one.id === id) as ExportedNode;
	const invoke = (action: string) =>
		page.evaluate((name) => (window as unknown as EditorWindow).RED.actions.invoke(name), action);
	const convert = async (which: RegExp) => {
		await invoke("flowbroker:convert-mqtt-nodes");
		await page.getByRole("button", { name: which }).click();
		await page.waitForFunction(() => (window as unknown as EditorWindow).RED.nodes.dirty());
	};
	/** What a client over TCP gets back from the flow that answers. */
	const answerOf = async (question: string) => {
		await using client = await withDisposal(broker.url);
		await client.mqtt.subscribeAsync("answer", { qos: 1 });
		await client.mqtt.publishAsync("question", question, { qos: 1 });
		return (await client.next()).text;
	};
	/** Deploys; resolves when a client that was not there before has subscribed to the question. */
	const deployAndConnect = async () => {
		const { events } = broker.broker;
		const before = new Set(broker.broker.clients().map(({ id }) => id));
		const isThere = () =>
			broker.broker
				.clients()
				.some(({ id, subscriptions }) => !before.has(id) && subscriptions.some(({ filter }) => filter === "question"));
		const lookOut = new LookOut();
		events.on("subscribed", lookOut.changed);
		await editor.deploy();
		await lookOut.until(() => isThere() || undefined);
		events.off("subscribed", lookOut.changed);
	};

	test("all flows from the main menu: converted, undone, done again, deployed and running with the password", async () => {
		const before = await nodes();
		await page.click("#red-ui-header-button-sidemenu");
		await page.click("#menu-item-flowbroker-convert");
		// Tries without doing it: the question has come to rest then.
		await page.getByRole("button", { name: /All flows \(3\)/ }).click({ trial: true });
		await page.screenshot({ path: stage.picture("convert-question") });
		await page.getByRole("button", { name: /All flows/ }).click();
		await page.waitForFunction(() => (window as unknown as EditorWindow).RED.nodes.dirty());
		await page.screenshot({ path: stage.picture("convert-done") });
		const after = await nodes();
		const typed = (list: ExportedNode[]) => Object.fromEntries(list.map(({ id, type }) => [id, type]));
		expect(typed(after)).toEqual({
			...typed(before),
			broker: "flowbroker-broker",
			input: "flowbroker-in",
			output: "flowbroker-out",
			other: "flowbroker-out",
		});
		for (const { id, x, y, z, g, wires, name } of before) {
			const now = await node(id);
			const { x: X, y: Y, z: Z, g: G, wires: W, name: N } = now;
			expect([id, X, Y, Z, G, W, N]).toEqual([id, x, y, z, g, wires, name]);
		}
		expect(await node("group")).toEqual(before.find(({ id }) => id === "group"));

		await invoke("core:undo");
		await page.waitForFunction(() => !(window as unknown as EditorWindow).RED.nodes.dirty());
		expect(await nodes()).toEqual(before);
		await invoke("core:redo");
		await page.waitForFunction(() => (window as unknown as EditorWindow).RED.nodes.dirty());
		expect(await nodes()).toEqual(after);

		await deployAndConnect();
		expect(await answerOf("how are you")).toBe("how are you");
		const kept = await (await fetch(`${stage.nodeRed.url}/credentials/flowbroker-broker/broker`)).json();
		expect(kept).toEqual({ user: login.user, has_password: true });
		expect(seen).not.toContain(login.password);
		expect(editor.errors).toEqual([]);
	});

	test("selected nodes only: the others keep their broker, and the copy has its password", async () => {
		await page.click('g.red-ui-flow-node[id="input"]');
		await convert(/Selected nodes \(1\)/);
		await page.getByRole("button", { name: "Close" }).click({ trial: true });
		await page.screenshot({ path: stage.picture("convert-remarks") });
		expect(await node("output")).toMatchObject({ type: "mqtt out", broker: "broker" });
		const copy = (await nodes()).find(({ type }) => type === "flowbroker-broker") as ExportedNode;
		expect(await node("input")).toMatchObject({
			type: "flowbroker-in",
			broker: copy.id,
			g: "group",
			wires: [["output"]],
		});
		await page.getByRole("button", { name: "Close" }).click();
		await deployAndConnect();
		// Node-RED's own node drops what comes before it is connected.
		await page.locator('g[id="output"] .red-ui-flow-node-status-label', { hasText: /^connected$/ }).waitFor();
		expect(await answerOf("half converted")).toBe("half converted");
		const kept = await (await fetch(`${stage.nodeRed.url}/credentials/flowbroker-broker/${copy.id}`)).json();
		expect(kept).toEqual({ user: login.user, has_password: true });
		expect(seen).not.toContain(login.password);
		expect(editor.errors).toEqual([]);
	});

	test("the shown flow only, with a user name that was typed and not deployed yet", async () => {
		await page.evaluate(() => {
			const { RED } = window as unknown as EditorWindow;
			RED.workspaces.show("more");
			RED.editor.editConfig("", "mqtt-broker", "broker");
		});
		await page.getByText("Security").click();
		await page.fill("#node-config-input-user", "typed");
		await page.click("#node-config-dialog-ok");
		await page.waitForSelector("#node-config-dialog-ok", { state: "detached" });
		await convert(/This flow \(1\)/);
		expect(await node("other")).toMatchObject({ type: "flowbroker-out" });
		expect(await node("input")).toMatchObject({ type: "mqtt in" });
		const copy = (await nodes()).find(({ type }) => type === "flowbroker-broker") as ExportedNode;
		await page.getByRole("button", { name: "Close" }).click();
		await editor.deploy();
		const kept = await (await fetch(`${stage.nodeRed.url}/credentials/flowbroker-broker/${copy.id}`)).json();
		expect(kept).toEqual({ user: "typed", has_password: true });
	});

	test("flows that are locked stay as they are, and their broker with them", async () => {
		const locked = flow().map((node) => (node.id === "more" ? { ...node, locked: true } : node));
		await openWith(locked, "input");
		await invoke("flowbroker:convert-mqtt-nodes");
		await page.getByText("Flows that are locked stay as they are.").waitFor();
		await page.getByRole("button", { name: /All flows \(2\)/ }).click();
		await page.waitForFunction(() => (window as unknown as EditorWindow).RED.nodes.dirty());
		expect(await node("more")).toMatchObject({ locked: true });
		expect(await node("other")).toEqual(expect.objectContaining({ type: "mqtt out", broker: "broker" }));
		expect(await node("input")).toMatchObject({ type: "flowbroker-in" });
	});

	test("what is to be known stands there in the language of the editor", async () => {
		await openWith(flow(), "input", "de");
		await page.click('g.red-ui-flow-node[id="input"]');
		await convert(/Ausgewählte Nodes \(1\)/);
		await page.getByText("Andere Nodes verwenden ihn noch (mqtt out): Er bleibt").waitFor();
		expect(await page.locator(".flowbroker-remarks").textContent()).not.toMatch(/\{|remark\.|copy/);
	});

	test("a broker of node-red-contrib-aedes is converted, also where that package is gone", async () => {
		const place = { z: "tab", x: 140, y: 80 };
		const aedes = { ...place, id: "aedes", type: "aedes broker", name: "House", mqtt_port: "1884", wires: [[], []] };
		await openWith([{ id: "tab", type: "tab", label: "Home" }, aedes], "aedes");
		await page.keyboard.press("Escape");
		await convert(/All flows \(1\)/);
		expect(await node("aedes")).toMatchObject({ type: "flowbroker-events", name: "House", x: 140, y: 80 });
		const made = (await nodes()).find(({ type }) => type === "flowbroker-broker") as ExportedNode;
		expect(made).toMatchObject({ kind: "embedded", host: "0.0.0.0", port: "1884", anonymous: "auto" });
		expect(await node("aedes")).toMatchObject({ broker: made.id });
	});
});

async function withDisposal(url: string) {
	const client = await connect(url);
	return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() });
}
