import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Browser } from "playwright-core";
import { openChromium } from "../helpers/editor-page";
import { connect } from "../helpers/mqtt-client";
import { type PeerProgram, start } from "../helpers/peer-program";
import { Sidebar } from "../helpers/sidebar-page";

const root = resolve(__dirname, "../..");
/** Screenshots for people, not kept in the repository. */
const pictures = join(root, ".work/screenshots");
const token = "a token of enough characters";
const nodes = [
	{ id: "tab", type: "tab", label: "Flow" },
	{ id: "home", type: "flowbroker-broker", name: "Home", port: "$" + "{FLOWBROKER_PORT}", anonymous: "no" },
];

describe("the web page of flowbroker run --http", () => {
	let folder: string;
	let program: PeerProgram;
	let browser: Browser;
	let page: Sidebar;
	let url: string;
	let mqttPort: string;

	beforeAll(async () => {
		mkdirSync(pictures, { recursive: true });
		folder = mkdtempSync(join(tmpdir(), "flowbroker-page-"));
		writeFileSync(join(folder, "token"), token, { mode: 0o600 });
		writeFileSync(join(folder, "flow.json"), JSON.stringify(nodes));
		const words = ["run", join(folder, "flow.json"), "--port", "0", "--data", join(folder, "data"), "--http", "0"];
		const cli = join(root, "dist/runtime/cli.js");
		program = start(process.execPath, [cli, ...words, "--token-file", join(folder, "token")]);
		const line = await program.line((text) => text.includes("is running"));
		url = /HTTP on (\S+)/.exec(line)?.[1] ?? "";
		mqttPort = /MQTT on 127\.0\.0\.1:(\d+)/.exec(line)?.[1] ?? "";
		browser = await openChromium();
		page = new Sidebar(await browser.newPage({ viewport: { width: 1000, height: 760 } }));
	});

	afterAll(async () => {
		await browser?.close();
		await program?.kill();
		rmSync(folder, { recursive: true });
	});

	const logIn = async (text: string) => {
		await page.page.getByLabel("Token").fill(text);
		await page.page.getByRole("button", { name: "Log in" }).click();
	};

	test("asks for the token, and shows nothing with a wrong one", async () => {
		await page.page.goto(url);
		await logIn("a wrong token of that length");
		await page.page.getByText("This is not the token of this runtime.").waitFor();
		expect(await page.root.count()).toBe(0);
		await page.page.screenshot({ path: join(pictures, "standalone-login.png") });
	});

	test("shows the broker, and a new user whose client is then seen and can be disconnected", async () => {
		await logIn(token);
		await page.see("running");
		await page.addUser("garden", "garden-password");
		const login = { clientId: "garden-pump", username: "garden", password: "garden-password" };
		const client = await connect(`mqtt://127.0.0.1:${mqttPort}`, login);
		await page.open("Clients");
		const connected = page.section("Connected");
		await connected.getByRole("button", { name: "garden-pump" }).click();
		await page.page.screenshot({ path: join(pictures, "standalone-clients.png") });
		const closed = new Promise((resolve) => client.mqtt.once("close", () => resolve(undefined)));
		await connected.getByRole("button", { name: "Disconnect" }).click();
		expect(await page.answer("Disconnect")).toContain("garden-pump");
		await closed;
		client.mqtt.end(true);
		await page.open("Overview");
		await page.page.screenshot({ path: join(pictures, "standalone-overview.png") });
	});

	test("has every page, without an error", async () => {
		for (const name of ["Topics", "Retained", "Test", "Log", "Backup", "Users", "Overview"]) {
			await page.open(name);
			await page.root.getByRole("tabpanel").locator(":visible").first().waitFor();
		}
		expect(page.errors).toEqual([]);
	});

	test("forgets the token when somebody logs out, and when the page is loaded again", async () => {
		await page.page.getByRole("button", { name: "Log out" }).click();
		await page.page.getByLabel("Token").waitFor();
		await logIn(token);
		await page.see("running");
		expect(await page.page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie])).toEqual([
			0,
			0,
			"",
		]);
		await page.page.reload();
		await page.page.getByLabel("Token").waitFor();
	});

	test("speaks German with a browser that does", async () => {
		const context = await browser.newContext({ locale: "de-DE" });
		const german = await context.newPage();
		await german.goto(url);
		await german.getByRole("button", { name: "Anmelden" }).waitFor();
		await context.close();
	});

	test("takes nothing from elsewhere, and may not be framed", async () => {
		const answer = await fetch(`${url}/`);
		expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
		expect(answer.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
		expect((await fetch(`${url}/..%2fcli.js`)).status).toBeGreaterThanOrEqual(400);
	});
});
