import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { inEachEditor } from "../helpers/editor-stage";
import { connect } from "../helpers/mqtt-client";
import { loginSettings, Sidebar } from "../helpers/sidebar-page";

const flow = [
	{ id: "tab", type: "tab", label: "Flow" },
	{ id: "home", type: "flowbroker-broker", name: "Home", host: "127.0.0.1", port: 0, anonymous: "no" },
	{ id: "in", type: "flowbroker-in", z: "tab", topic: "nothing", broker: "home", x: 100, y: 100, wires: [[]] },
];
const MARKUP = '<img src=x onerror="window.wasRun=1">';

inEachEditor("tests, log and backup in the sidebar", { flow, settings: loginSettings }, (stage) => {
	let sidebar: Sidebar;
	let url: string;
	const folder = mkdtempSync(join(tmpdir(), "flowbroker-files-"));

	beforeAll(async () => {
		sidebar = new Sidebar(await stage.browser.newPage({ viewport: { width: 1280, height: 900 } }));
		await sidebar.logIn(stage.nodeRed.url, "owner");
		url = `mqtt://127.0.0.1:${await sidebar.mqttPort()}`;
		await sidebar.addUser("ann", "ann-password");
	});

	afterAll(async () => {
		rmSync(folder, { recursive: true, force: true });
	});

	test("a test subscription shows what arrives with the properties of MQTT 5, and is refused to a user without rights", async () => {
		await sidebar.open("Test");
		const subscribe = sidebar.section("Subscribe");
		await subscribe.getByLabel("With the rights of").selectOption("ann");
		await subscribe.getByLabel("Topic filter").fill("tests/#");
		await subscribe.getByLabel("Topic filter").press("Enter");
		await subscribe.getByText(/not allowed/).waitFor();
		await subscribe.getByLabel("With the rights of").selectOption({ index: 0 });
		await subscribe.getByRole("button", { name: "Subscribe", exact: true }).click();
		await subscribe.getByText(/^Subscribed to tests\/#/).waitFor();

		const publish = sidebar.section("Publish");
		await publish.getByLabel("Topic", { exact: true }).fill(`tests/${MARKUP}`);
		await publish.getByLabel("Payload", { exact: true }).fill(MARKUP);
		await publish.getByRole("button", { name: "Properties of MQTT 5" }).click();
		await publish.getByLabel("Content type").fill("text/html");
		await publish.getByLabel("User properties").fill(`room: ${MARKUP}\nroom: two`);
		await publish.getByRole("button", { name: "Publish", exact: true }).click();
		const message = subscribe.getByRole("listitem").filter({ hasText: `tests/${MARKUP}` });
		await message.getByRole("button").first().click();
		await message.getByText("text/html").waitFor();
		await message.getByText(`room: ${MARKUP}, room: two`).waitFor();
		await subscribe.getByRole("button", { name: "Stop" }).click();
		await subscribe.getByText("The subscription has ended.").waitFor();
		expect(await sidebar.page.evaluate(() => "wasRun" in window)).toBe(false);
	});

	test("the log tells who came, went and was denied; it can be filtered, stopped and saved", async () => {
		const client = await connect(url, { clientId: MARKUP, username: "ann", password: "ann-password" });
		client.mqtt.publish("ann/is/not/allowed", "x");
		await sidebar.open("Log");
		const entries = sidebar.root.getByRole("list", { name: "Log" }).getByRole("listitem");
		await entries.filter({ hasText: "Connected" }).filter({ hasText: MARKUP }).waitFor();
		await entries.filter({ hasText: "Denied" }).filter({ hasText: "ann/is/not/allowed" }).waitFor();
		await client.close();
		await entries.filter({ hasText: "Disconnected" }).filter({ hasText: MARKUP }).waitFor();

		await sidebar.root.getByLabel("What").selectOption({ label: "Denials and failed logins" });
		await entries.filter({ hasText: "Connected" }).first().waitFor({ state: "detached" });
		const saved = sidebar.page.waitForEvent("download");
		await sidebar.root.getByRole("button", { name: "Export" }).click();
		const lines = readFileSync(await (await saved).path(), "utf8")
			.trim()
			.split("\n");
		expect(lines.every((each) => /^\d{4}-\d\d-\d\dT\S+ (Denied|Not let in) · /.test(each))).toBe(true);

		await sidebar.root.getByLabel("What").selectOption({ label: "Everything" });
		await sidebar.root.getByRole("button", { name: "Pause" }).click();
		const other = await connect(url, { clientId: "while-paused", username: "ann", password: "ann-password" });
		await sidebar.root.getByRole("button", { name: "Go on" }).click();
		await entries.filter({ hasText: "while-paused" }).waitFor();
		await other.close();
		expect(await sidebar.page.evaluate(() => "wasRun" in window)).toBe(false);
	});

	test("a backup brings users with their passwords and retained messages back, after it has told what will change", async () => {
		await sidebar.open("Test");
		const publish = sidebar.section("Publish");
		await publish.getByLabel("Topic", { exact: true }).fill("kept/one");
		await publish.getByLabel("Payload", { exact: true }).fill("1");
		await publish.getByLabel("Retain", { exact: true }).check();
		await publish.getByRole("button", { name: "Publish", exact: true }).click();
		await publish.getByText(/^Published to kept\/one/).waitFor();

		await sidebar.open("Backup");
		const backUp = sidebar.section("Back up");
		await backUp.getByLabel("Passphrase for the passwords").fill("a long passphrase");
		const saved = sidebar.page.waitForEvent("download");
		await backUp.getByRole("button", { name: "Download" }).click();
		const file = join(folder, "backup.json");
		await (await saved).saveAs(file);
		expect(readFileSync(file, "utf8")).not.toMatch(/argon2|ann-password/);

		await sidebar.open("Users");
		const row = sidebar.section("Users").getByRole("listitem").filter({ hasText: "ann" });
		await row.getByRole("button", { name: "ann" }).click();
		await row.getByRole("button", { name: "Remove", exact: true }).click();
		await sidebar.answer("Remove");
		await row.waitFor({ state: "detached" });
		await sidebar.open("Retained");
		await sidebar.root.getByLabel("Topic filter").fill("kept/#");
		await sidebar.root.getByRole("button", { name: "Clear all of these" }).click();
		await sidebar.answer("Clear 1");
		await sidebar.see("No retained message fits.");

		await sidebar.open("Backup");
		const restore = sidebar.section("Restore");
		await restore.getByLabel("Backup file").setInputFiles(file);
		await restore.getByLabel("Passphrase for the passwords").fill("another passphrase");
		await restore.getByRole("button", { name: "Show what will change" }).click();
		await sidebar.page
			.getByText(/the passphrase is wrong/)
			.locator("visible=true")
			.first()
			.waitFor();
		await restore.getByLabel("Passphrase for the passwords").fill("a long passphrase");
		await restore.getByRole("button", { name: "Show what will change" }).click();
		await restore.getByText("Users added: ann").waitFor();
		await restore.getByRole("button", { name: "Restore", exact: true }).click();
		await sidebar.answer("Restore");
		await restore.getByText("Users added: ann").waitFor({ state: "detached" });
		const client = await connect(url, { clientId: "back", username: "ann", password: "ann-password" });
		await client.close();
		await sidebar.open("Retained");
		await sidebar.see("kept/one");
	});

	test("Mosquitto's files are taken over after a preview, which names the lines that can't be", async () => {
		const password = join(folder, "passwd");
		// As mosquitto_passwd writes it: PBKDF2, a salt of 12 bytes.
		const { pbkdf2Sync, randomBytes } = await import("node:crypto");
		const salt = randomBytes(12);
		const hash = pbkdf2Sync("mosquito-password", salt, 101, 64, "sha512");
		writeFileSync(password, `tom:$7$101$${salt.toString("base64")}$${hash.toString("base64")}\n`);
		const acl = join(folder, "acl");
		writeFileSync(acl, "user tom\ntopic readwrite tom/#\ntopic sometimes other\n");
		await sidebar.open("Backup");
		const mosquitto = sidebar.section("Take over from Mosquitto");
		await mosquitto.getByLabel("Password file").setInputFiles(password);
		await mosquitto.getByLabel("ACL file").setInputFiles(acl);
		await mosquitto.getByRole("button", { name: "Show what will change" }).click();
		await mosquitto.getByText("Users added: tom").waitFor();
		await mosquitto.getByText("Users removed: ann").waitFor();
		await mosquitto.getByText(/ACL file, line 3: /).waitFor();
		await mosquitto.getByRole("button", { name: "Take over", exact: true }).click();
		expect(await sidebar.answer("Take over")).toMatch(/lost: 1.*lines with problems are left out/);
		await mosquitto.getByText("Users added: tom").waitFor({ state: "detached" });
		const client = await connect(url, { clientId: "tom", username: "tom", password: "mosquito-password" });
		await client.close();
		expect(sidebar.errors).toEqual([]);
	});
});
