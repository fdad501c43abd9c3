import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { startBroker, type TestBroker } from "../helpers/broker";
import { EditorPage } from "../helpers/editor-page";
import { inEachEditor } from "../helpers/editor-stage";
import { connect } from "../helpers/mqtt-client";

/** Screenshots for people, not kept in the repository. */
inEachEditor("the form of a broker", {}, (stage) => {
	let page: Page;
	let editor: EditorPage;
	let node: string;
	const folder = mkdtempSync(join(tmpdir(), "flowbroker-form-"));

	beforeAll(async () => {
		page = await stage.browser.newPage({ viewport: { width: 1280, height: 1100 } });
		page.setDefaultTimeout(40_000);
		editor = new EditorPage(page);
		await editor.open(stage.nodeRed.url);
		node = await editor.drag("flowbroker-in", 220, 140);
		// Beside the form, where it could be in the way of its buttons.
		await page.evaluate(() =>
			(window as unknown as { RED: { sidebar: { show(id: string): void } } }).RED.sidebar.show("info"),
		);
	});

	afterAll(async () => {
		rmSync(folder, { recursive: true, force: true });
	});

	/** The broker of the node, as the editor has it. */
	function stored(): Promise<Record<string, unknown>> {
		return page.evaluate((id) => {
			interface EditorNode extends Record<string, unknown> {
				broker: string;
			}
			const { RED } = window as unknown as { RED: { nodes: { node(id: string): EditorNode } } };
			const { broker } = RED.nodes.node(id);
			const { valid, _def, ...all } = RED.nodes.node(broker);
			const names = [...Object.keys((_def as { defaults: object }).defaults), "id"];
			return { valid, ...Object.fromEntries(names.map((name) => [name, all[name]])) };
		}, node);
	}

	async function open(): Promise<void> {
		await editor.edit(node);
		await page.click("#node-input-lookup-broker, #node-input-btn-broker-edit");
		await page.waitForSelector("#node-config-input-port");
		await page.waitForFunction(() => document.getAnimations().length === 0);
	}

	async function done(): Promise<void> {
		await page.click("#node-config-dialog-ok");
		await page.waitForSelector("#node-config-dialog-ok", { state: "detached" });
		await editor.done();
	}

	async function unfold(section: string): Promise<void> {
		const details = page.locator("details", { has: page.locator("summary", { hasText: section }) });
		if ((await details.getAttribute("open")) === null) await details.locator("summary").click();
	}

	test("a broker is made in three clicks, with settings that are safe", async () => {
		await editor.edit(node);
		await page.fill("#node-input-topic", "greetings/#");
		let clicks = 0;
		const click = async (selector: string) => {
			clicks++;
			await page.click(selector);
		};
		await click("#node-input-lookup-broker, #node-input-btn-broker-add");
		await page.waitForSelector("#node-config-input-port");
		await page.screenshot({ path: stage.picture("broker-new") });
		await click("#node-config-dialog-ok");
		await page.waitForSelector("#node-config-dialog-ok", { state: "detached" });
		await click("#node-dialog-ok");
		await page.waitForSelector("#node-dialog-ok", { state: "detached" });
		expect(clicks).toBe(3);
		expect(await stored()).toMatchObject({
			valid: true,
			kind: "embedded",
			host: "127.0.0.1",
			anonymous: "auto",
			access: "users",
			durability: "interval",
			limits: {},
		});
	});

	test("limits are checked as one types, and only those that differ are stored", async () => {
		await open();
		await unfold("Limits");
		const packetSize = page.locator("#node-config-input-limits-packetSize");
		expect(await packetSize.getAttribute("placeholder")).toBe("1,048,576");
		await packetSize.pressSequentially("50");
		await expect(packetSize.getAttribute("class")).resolves.toContain("input-error");
		await packetSize.fill("2048");
		await expect(packetSize.getAttribute("class")).resolves.not.toContain("input-error");
		await page.selectOption("#node-config-input-limits-queueDrops", "oldest");
		await page.screenshot({ path: stage.picture("broker-limits") });
		await unfold("What survives a restart");
		await page.selectOption("#node-config-input-durability", "each");
		await page.getByText("not even in a power cut").waitFor();
		await page.fill("#node-config-input-port", "0");
		await done();
		expect(await stored()).toMatchObject({
			valid: true,
			durability: "each",
			limits: { packetSize: 2048, queueDrops: "oldest" },
		});
		await open();
		// What differs is unfolded.
		await page.locator("#node-config-input-limits-packetSize").waitFor();
		expect(await page.inputValue("#node-config-input-limits-packetSize")).toBe("2048");
		await page.fill("#node-config-input-limits-packetSize", "");
		await page.selectOption("#node-config-input-limits-queueDrops", "");
		await done();
		expect(await stored()).toMatchObject({ limits: {} });
	});

	test("certificates are made for the machine, and a client that trusts their CA connects", async () => {
		await open();
		await unfold("Ports for TLS");
		await page.fill("#node-config-input-tlsPort", "0");
		await page.locator("#node-config-input-tlsPort").dispatchEvent("change");
		await page.click("#flowbroker-broker-make");
		await page.getByText("Download the CA for your devices").waitFor();
		const saved = page.waitForEvent("download");
		await page.click("#flowbroker-broker-ca");
		const ca = readFileSync(await (await saved).path(), "utf8");
		await page.screenshot({ path: stage.picture("broker-certificates") });
		await done();
		expect(await stored()).toMatchObject({ valid: true, certFile: expect.stringMatching(/server\.pem$/) });
		await editor.deploy();
		await page.waitForFunction(
			(id) => /^\d+ · /.test(document.querySelector(`g[id="${id}"] .red-ui-flow-node-status-label`)?.textContent ?? ""),
			node,
		);
		const brokers = (await (await fetch(`${stage.nodeRed.url}/flowbroker/brokers`)).json()) as {
			listeners: { kind: string; port: number; up: boolean }[];
		}[];
		const tls = brokers[0]?.listeners.find(({ kind }) => kind === "tls");
		expect(tls?.up).toBe(true);
		const client = await connect(`mqtts://localhost:${tls?.port}`, { ca });
		await client.close();
	});

	test("a certificate is taken from a file of the computer, and a file that is none is refused", async () => {
		await open();
		await unfold("Ports for TLS");
		const wrong = join(folder, "notes.pem");
		writeFileSync(wrong, "no certificate");
		await page.setInputFiles("#flowbroker-broker-file-caFile", wrong);
		await page.getByText("The file holds no certificate in PEM form.").waitFor();
		const before = await page.inputValue("#node-config-input-certFile");
		const right = join(folder, "ca.pem");
		writeFileSync(right, readFileSync(before));
		await page.setInputFiles("#flowbroker-broker-file-caFile", right);
		await page.waitForFunction(() => {
			const field = document.getElementById("node-config-input-caFile") as HTMLInputElement;
			return field.value.endsWith("-clients-ca.crt");
		});
		const path = await page.inputValue("#node-config-input-caFile");
		expect(readFileSync(path, "utf8")).toBe(readFileSync(before, "utf8"));
		await page.click("#node-config-dialog-cancel");
		await page.waitForSelector("#node-config-dialog-cancel", { state: "detached" });
		await editor.done();
	});

	describe("for another broker", () => {
		let other: TestBroker;
		let third: TestBroker;
		const failed = async () => {
			await page.locator("#flowbroker-broker-test-failed").waitFor();
			return page.locator("#flowbroker-broker-test-result").textContent();
		};

		beforeAll(async () => {
			const access = (name: string) => ({ kind: "users", file: join(folder, `${name}.json`) });
			other = await startBroker({ access: access("other"), anonymous: false });
			third = await startBroker({ access: access("third"), anonymous: false });
			const rules = [{ effect: "allow", action: "all", filter: "#", priority: 0 }] as const;
			await other.broker.users?.addUser("ann", "ann-password", { rules });
			await third.broker.users?.addUser("ann", "ann-password");
		});
		afterAll(async () => {
			await other?.[Symbol.asyncDispose]();
			await third?.[Symbol.asyncDispose]();
		});

		test("the connection is tried before anything is stored, and what is wrong is said", async () => {
			await open();
			await page.selectOption("#flowbroker-broker-kind", "remote");
			await page.fill("#node-config-input-broker", "127.0.0.1");
			await page.fill("#node-config-input-port", String(other.port));
			await page.click("#flowbroker-broker-test");
			expect(await failed()).toContain("Enter a user name and a password.");
			await page.fill("#node-config-input-user", "ann");
			await page.fill("#node-config-input-password", "wrong");
			await page.click("#flowbroker-broker-test");
			await page.getByText(/Correct user name or password/).waitFor();
			await page.fill("#node-config-input-password", "ann-password");
			await page.click("#flowbroker-broker-test");
			await page.locator("#flowbroker-broker-test-ok").waitFor();
			expect(await page.locator("#flowbroker-broker-test-result").textContent()).toMatch(
				new RegExp(`^mqtt://127\\.0\\.0\\.1:${other.port}, \\d+ ms$`),
			);
			await page.screenshot({ path: stage.picture("broker-test") });
			await done();
			await editor.deploy();
			await page.locator(`g[id="${node}"] .red-ui-flow-node-status-label`, { hasText: "connected" }).waitFor();
		});

		test("the stored password is used for the server that is deployed, and goes to no other one", async () => {
			await open();
			await page.click("#flowbroker-broker-test");
			await page.locator("#flowbroker-broker-test-ok").waitFor();
			// The connection of the node itself stays.
			expect(other.broker.clients()).toHaveLength(1);
			await page.fill("#node-config-input-port", String(third.port));
			await page.click("#flowbroker-broker-test");
			expect(await failed()).toContain("Type the password again");
			expect(third.broker.metrics().logins.tried).toBe(0);
			await page.fill("#node-config-input-password", "ann-password");
			await page.click("#flowbroker-broker-test");
			await page.locator("#flowbroker-broker-test-ok").waitFor();
			await page.click("#node-config-dialog-cancel");
			await page.waitForSelector("#node-config-dialog-cancel", { state: "detached" });
			await editor.done();
			expect(editor.errors).toEqual([]);
		});
	});
});
