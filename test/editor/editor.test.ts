import { expect, test } from "@jest/globals";
import { EditorPage } from "../helpers/editor-page";
import { inEachEditor } from "../helpers/editor-stage";
import { connect } from "../helpers/mqtt-client";
import { findProgram, run } from "../helpers/peer-program";

/** Screenshots for people, not kept in the repository. */
inEachEditor("the editor", {}, (stage) => {
	test("assembles a broker, an in and an out node from the palette, and a message of mosquitto_pub arrives in the debug sidebar", async () => {
		const page = await stage.browser.newPage({ viewport: { width: 1280, height: 800 } });
		const editor = new EditorPage(page);
		await editor.open(stage.nodeRed.url);
		const input = await editor.drag("flowbroker-in", 220, 140);
		const output = await editor.drag("flowbroker-out", 520, 260);
		const debug = await editor.drag("debug", 520, 140);
		await editor.wire(input, debug);
		await editor.wire(input, output);

		await editor.edit(input);
		await page.fill("#node-input-topic", "greetings/#");
		await page.click("#node-input-lookup-broker, #node-input-btn-broker-add");
		await page.waitForSelector("#node-config-input-port");
		await page.fill("#node-config-input-name", "Home broker");
		await page.fill("#node-config-input-port", "0");
		await page.screenshot({ path: stage.picture("broker-form") });
		await page.click("#node-config-dialog-ok");
		await page.waitForSelector("#node-config-dialog-ok", { state: "detached" });
		await editor.done();

		await editor.edit(output);
		await page.fill("#node-input-topic", "copies");
		const broker = page.locator("#node-input-broker option", { hasText: "Home broker" });
		await page.selectOption("#node-input-broker", (await broker.getAttribute("value")) as string);
		await editor.done();
		await editor.deploy();

		await page.waitForFunction(
			(id) => /^\d+ · /.test(document.querySelector(`g[id="${id}"] .red-ui-flow-node-status-label`)?.textContent ?? ""),
			input,
		);
		const port = /^\d+/.exec((await editor.status(input)) ?? "")?.[0] as string;
		await page.evaluate(() =>
			(window as unknown as { RED: { sidebar: { show(id: string): void } } }).RED.sidebar.show("debug"),
		);
		const { code } = await run(findProgram("mosquitto_pub"), [
			"-p",
			port,
			"-t",
			"greetings/world",
			"-m",
			"Hello world MQTT",
		]);
		expect(code).toBe(0);
		await page.locator(".red-ui-debug-msg-payload", { hasText: "Hello world MQTT" }).first().waitFor();
		await page.screenshot({ path: stage.picture("editor") });
		expect(editor.errors).toEqual([]);
		await page.close();
	});

	test("serves MQTT over WebSocket on a path of Node-RED's own server, to clients with a user", async () => {
		const post = async (path: string, body: object) => {
			const headers = { "content-type": "application/json" };
			const answer = await fetch(`${stage.nodeRed.url}${path}`, {
				method: "POST",
				headers,
				body: JSON.stringify(body),
			});
			expect({ path, ok: answer.ok, text: answer.ok || (await answer.text()) }).toEqual({ path, ok: true, text: true });
		};
		const flow = [{ id: "web", type: "flowbroker-broker", name: "Web", port: 0, webPath: "/mqtt" }];
		await post("/flows", flow);
		await stage.nodeRed.program.line((line) => line.includes("[flowbroker-broker:Web] Listening"));
		const rules = [{ effect: "allow", action: "all", filter: "#", priority: 0 }];
		await post("/flowbroker/brokers/web/users", { name: "page", password: "page password", rules });
		const url = `${stage.nodeRed.url.replace("http", "ws")}/mqtt`;
		await expect(connect(url)).rejects.toThrow(/Not authorized|closed/);
		const client = await connect(url, { username: "page", password: "page password" });
		await client.mqtt.subscribeAsync("web/#");
		await client.mqtt.publishAsync("web/x", "hello", { qos: 1 });
		expect((await client.next()).text).toBe("hello");
		await client.close();
	});
});
