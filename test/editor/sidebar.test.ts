import { beforeAll, expect, test } from "@jest/globals";
import { EditorPage } from "../helpers/editor-page";
import { inEachEditor } from "../helpers/editor-stage";
import { connect } from "../helpers/mqtt-client";
import { findProgram, start } from "../helpers/peer-program";
import { loginSettings, Sidebar } from "../helpers/sidebar-page";

/** Screenshots for people, not kept in the repository. */
const MARKUP = '<img src=x onerror="window.wasRun=1">';

const flow = [
	{ id: "tab", type: "tab", label: "Flow" },
	{ id: "home", type: "flowbroker-broker", name: "Home", host: "127.0.0.1", port: 0, anonymous: "no" },
	{ id: "shed", type: "flowbroker-broker", name: "Shed", host: "127.0.0.1", port: 0, anonymous: "yes" },
	{ id: "in", type: "flowbroker-in", z: "tab", topic: "nothing", broker: "home", x: 100, y: 100, wires: [[]] },
	{ id: "in2", type: "flowbroker-in", z: "tab", topic: "nothing", broker: "shed", x: 100, y: 200, wires: [[]] },
];
inEachEditor("the sidebar", { flow, settings: loginSettings }, (stage) => {
	let sidebar: Sidebar;
	let url: string;

	beforeAll(async () => {
		const page = await stage.browser.newPage({ viewport: { width: 1280, height: 900 } });
		sidebar = new Sidebar(page);
		await sidebar.logIn(stage.nodeRed.url, "owner");
		url = `mqtt://127.0.0.1:${await sidebar.mqttPort()}`;
	});

	test("adds a user, whose client is then seen and can be disconnected", async () => {
		await sidebar.addUser("garden", "garden-password");
		const client = await connect(url, { clientId: "garden-pump", username: "garden", password: "garden-password" });
		await sidebar.open("Clients");
		const connected = sidebar.section("Connected");
		await connected.getByRole("button", { name: "garden-pump" }).click();
		await connected.getByText("MQTT 3.1.1").waitFor();
		const closed = new Promise((resolve) => client.mqtt.once("close", () => resolve(undefined)));
		await connected.getByRole("button", { name: "Disconnect" }).click();
		expect(await sidebar.answer("Disconnect")).toContain("garden-pump");
		await closed;
		await sidebar.section("Gone lately").getByText("disconnected by an administrator").waitFor();
		await connected.getByText("garden-pump").waitFor({ state: "detached" });
		client.mqtt.end(true);
	});

	test("shows mosquitto_sub with what it subscribed to, and disconnects it", async () => {
		await sidebar.addUser("display", "display-password");
		const users = sidebar.section("Users");
		const row = users.getByRole("listitem").filter({ has: sidebar.page.getByText("display", { exact: true }) });
		await row.getByRole("button", { name: "display" }).click();
		await row.getByRole("button", { name: "Add a rule" }).click();
		await row.getByLabel("Topic filter").fill("menu/#");
		await row.getByLabel("Topic filter").press("Enter");
		await row.getByText("menu/#").waitFor();

		const { hostname, port } = new URL(url);
		const login = ["-i", "kitchen-display", "-u", "display", "-P", "display-password"];
		const options = ["-h", hostname, "-p", port, "-t", "menu/#", "-V", "mqttv5"];
		const program = start(findProgram("mosquitto_sub"), [...login, ...options]);
		try {
			await sidebar.open("Clients");
			const connected = sidebar.section("Connected");
			await connected.getByRole("button", { name: "kitchen-display" }).click();
			await connected.getByText("MQTT 5.0").waitFor();
			await connected.getByText("menu/# QoS 0").waitFor();
			await connected.getByRole("button", { name: "Disconnect" }).click();
			await sidebar.answer("Disconnect");
			// What it does then is its own affair: it may well come back.
			await sidebar
				.section("Gone lately")
				.getByRole("listitem")
				.filter({ hasText: "kitchen-display" })
				.getByText("disconnected by an administrator")
				.waitFor();
		} finally {
			await program.kill();
		}
	});

	test("keeps a client out for a while, and lets it in again", async () => {
		const login = { clientId: "garden-hose", username: "garden", password: "garden-password" };
		const client = await connect(url, login);
		await sidebar.open("Clients");
		const connected = sidebar.section("Connected");
		await connected.getByRole("button", { name: "garden-hose" }).click();
		await connected.getByRole("button", { name: "Keep out for a while" }).click();
		await connected.getByLabel("Why").fill("leaks");
		await connected.getByRole("button", { name: "Keep out", exact: true }).click();
		const ban = sidebar.section("Kept out").getByRole("listitem").filter({ hasText: "client garden-hose" });
		await ban.getByText("leaks").waitFor();
		client.mqtt.end(true);
		await expect(connect(url, login)).rejects.toThrow();
		await ban.getByRole("button", { name: "Let in again" }).click();
		await ban.waitFor({ state: "detached" });
		const again = await connect(url, login);
		await again.close();
	});

	test("makes a password up, shows it until it is put away, and never again", async () => {
		await sidebar.open("Users");
		const users = sidebar.section("Users");
		await users.getByRole("button", { name: "Add a user" }).click();
		await users.getByLabel("Name").fill("lamp");
		await users.getByLabel("Password", { exact: true }).selectOption("generate");
		await users.getByRole("button", { name: "Add", exact: true }).click();
		await users.locator("code").waitFor();
		const password = (await users.locator("code").textContent()) as string;
		const client = await connect(url, { clientId: "lamp", username: "lamp", password });
		await client.close();
		await users.getByRole("button", { name: "Put away" }).click();
		expect(await sidebar.root.innerHTML()).not.toContain(password);
	});

	test("shows what was denied, and allows it by the narrowest rule", async () => {
		await sidebar.addUser("robot", "robot-password");
		const robot = await connect(url, {
			clientId: "robot",
			username: "robot",
			password: "robot-password",
			protocolVersion: 5,
		});
		const publish = () => robot.mqtt.publishAsync("floor/robot/state", "cleaning", { qos: 1, retain: true });
		await expect(publish()).rejects.toThrow();
		const denied = sidebar.section("Denied lately");
		const entry = denied.getByRole("listitem").filter({ hasText: "floor/robot/state" });
		await entry.getByRole("button", { name: "Allow this" }).click();
		expect(await sidebar.answer("Allow this")).toBe("Add a rule for robot: may publish floor/robot/state?");
		await entry.getByText("allowed by now").waitFor();
		await publish();
		await robot.close();

		const question = sidebar.section("Who may what?");
		await question.getByLabel("May").selectOption("robot");
		await question.getByLabel("with this topic").fill("floor/robot/state");
		await question.getByLabel("with this topic").press("Enter");
		await question.getByText('Yes: the rule "allow publish floor/robot/state" of user "robot".').waitFor();
		await question.getByLabel("with this topic").fill("floor/other");
		await question.getByLabel("with this topic").press("Enter");
		await question.getByText(/^No: /).waitFor();
	});

	test("gives a user rules and groups, and takes them away", async () => {
		await sidebar.addUser("visitor", "visitor-password");
		const groups = sidebar.section("Groups");
		await groups.getByRole("button", { name: "Add a group" }).click();
		await groups.getByLabel("Name").fill("guests");
		await groups.getByRole("button", { name: "Add", exact: true }).click();
		await groups.getByText("nobody in it").waitFor();

		const users = sidebar.section("Users");
		const row = users.getByRole("listitem").filter({ has: sidebar.page.getByText("visitor", { exact: true }) });
		await row.getByRole("button", { name: "visitor" }).click();
		await row.getByLabel("guests").check();
		await groups.getByText("visitor").waitFor();
		await row.getByRole("button", { name: "Add a rule" }).click();
		await row.getByLabel("Topic filter").focus();
		await sidebar.root.locator('datalist option[value="floor/robot/state"]').waitFor({ state: "attached" });
		await row.getByLabel("Topic filter").fill("door/#/wrong");
		await row.getByLabel("Topic filter").press("Enter");
		await sidebar.page
			.getByText(/topic filter/i)
			.locator("visible=true")
			.last()
			.waitFor();
		await row.getByLabel("Topic filter").fill("door/#");
		await row.getByLabel("Topic filter").press("Enter");
		const remove = row.getByRole("button", { name: "Remove the rule: may publish, receive and subscribe door/#" });
		await remove.click();
		await remove.waitFor({ state: "detached" });
		await row.getByRole("button", { name: "Disable" }).click();
		await row.getByText("disabled").waitFor();
		await row.getByRole("button", { name: "Remove", exact: true }).click();
		await sidebar.answer("Remove");
		await row.waitFor({ state: "detached" });
	});

	test("publishes with the rights of a user, and clears retained messages by filter after it has told their number", async () => {
		await sidebar.open("Test");
		const form = sidebar.section("Publish");
		const publish = async (topic: string, user: string) => {
			await form.getByLabel("Topic", { exact: true }).fill(topic);
			await form.getByLabel("Payload", { exact: true }).fill('{"on":true}');
			await form.getByLabel("Retain", { exact: true }).check();
			await form.getByLabel("With the rights of").selectOption({ label: user });
			await form.getByRole("button", { name: "Publish", exact: true }).click();
		};
		await publish("attic/lamp", "garden");
		await sidebar.see(/attic\/lamp.*not allowed/);
		for (const topic of ["attic/lamp", "attic/fan", "cellar/lamp"]) {
			await publish(topic, "the flow (may do everything)");
			await sidebar.see(`Published to ${topic}`);
		}
		await sidebar.open("Retained");
		await sidebar.see("cellar/lamp");
		await sidebar.root.getByLabel("Topic filter").fill("attic/#");
		await sidebar.see("2 of 2");
		await sidebar.root.getByRole("button", { name: "attic/lamp" }).click();
		await sidebar.see(/"on": true/);
		await sidebar.root.getByRole("button", { name: "Clear all of these" }).click();
		expect(await sidebar.answer("Clear 2")).toContain("Clear 2 retained messages that the filter attic/# selects?");
		await sidebar.see("No retained message fits.");
		await sidebar.root.getByLabel("Topic filter").fill("");
		await sidebar.see("cellar/lamp");
	});

	test("follows the topics in use, by keyboard as well", async () => {
		await sidebar.open("Topics");
		const tree = sidebar.root.getByRole("tree");
		const client = await connect(url, { clientId: "robot", username: "robot", password: "robot-password" });
		await client.mqtt.publishAsync("floor/robot/state", "17", { qos: 1 });
		await tree.getByRole("treeitem").filter({ hasText: "floor" }).click();
		for (const key of ["ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight"]) await tree.press(key);
		const selected = tree.locator('[aria-selected="true"]');
		await selected.getByText("17").waitFor();
		const details = sidebar.section("Selected topic");
		await details.getByText("floor/robot/state").waitFor();
		await client.mqtt.publishAsync("floor/robot/state", "18", { qos: 1 });
		await details.locator("pre").getByText("18").waitFor();
		await sidebar.root.getByRole("searchbox", { name: "Search topics" }).fill("robot/st");
		await tree.getByRole("treeitem").filter({ hasText: "cellar" }).waitFor({ state: "detached" });
		await selected.getByText("18").waitFor();
		await client.close();
	});

	test("shows client ids, user names, topics and payloads with markup as text, and runs nothing", async () => {
		await sidebar.addUser(MARKUP, "markup-password");
		const users = sidebar.section("Users");
		const row = users.getByRole("listitem").filter({ has: sidebar.page.getByText(MARKUP, { exact: true }) });
		await row.getByRole("button").first().click();
		await row.getByRole("button", { name: "Add a rule" }).click();
		await row.getByLabel("Topic filter").fill(`${MARKUP}/#`);
		await row.getByLabel("Topic filter").press("Enter");
		await row.getByText(`${MARKUP}/#`).waitFor();
		const client = await connect(url, { clientId: MARKUP, username: MARKUP, password: "markup-password" });
		await client.mqtt.subscribeAsync(`${MARKUP}/#`);
		await client.mqtt.publishAsync(`${MARKUP}/topic`, MARKUP, { qos: 1, retain: true });
		client.mqtt.publish(`denied/${MARKUP}`, MARKUP);

		await sidebar.section("Denied lately").getByText(`denied/${MARKUP}`).waitFor();
		const denied = sidebar.section("Denied lately").getByRole("listitem").filter({ hasText: MARKUP });
		await denied.getByRole("button", { name: "Allow this" }).click();
		expect(await sidebar.answer("Cancel")).toContain(MARKUP);
		await sidebar.open("Clients");
		await sidebar.section("Connected").getByRole("button", { name: MARKUP }).click();
		await sidebar.section("Connected").getByText(`${MARKUP}/# QoS 0`).waitFor();
		await sidebar.open("Retained");
		await sidebar.root.getByRole("button", { name: `${MARKUP}/topic` }).click();
		await sidebar.root.locator("pre").getByText(MARKUP).waitFor();
		await sidebar.open("Topics");
		await sidebar.root.getByRole("searchbox", { name: "Search topics" }).fill("<img");
		const topic = sidebar.root.getByRole("treeitem").filter({ hasText: "topic" });
		await topic.getByText(MARKUP).waitFor();
		await topic.click();
		await sidebar.section("Selected topic").locator("pre").getByText(MARKUP).waitFor();
		await client.close();

		expect(await sidebar.page.locator('img[src="x"]').count()).toBe(0);
		expect(await sidebar.page.evaluate(() => "wasRun" in window)).toBe(false);
	});

	test("makes a node of a topic, ready with its broker", async () => {
		const { page } = sidebar;
		await sidebar.open("Topics");
		await sidebar.root.getByRole("searchbox", { name: "Search topics" }).fill("cellar");
		await sidebar.root.getByRole("treeitem").filter({ hasText: "lamp" }).click();
		await sidebar.section("Selected topic").getByRole("button", { name: "Make an mqtt in node of it" }).click();
		await page.mouse.move(500, 400, { steps: 3 });
		await page.mouse.click(500, 400);
		const node = page.locator("g.red-ui-flow-node", { hasText: "cellar/lamp" });
		await node.waitFor();
		const id = await node.getAttribute("id");
		const broker = await page.evaluate((of) => {
			const { RED } = window as unknown as { RED: { nodes: { node(id: string | null): { broker: string } } } };
			return RED.nodes.node(of).broker;
		}, id);
		expect(broker).toBe("home");
	});

	test("publishes to a topic of the tree", async () => {
		await sidebar.open("Topics");
		await sidebar.root.getByRole("searchbox", { name: "Search topics" }).fill("cellar");
		await sidebar.root.getByRole("treeitem").filter({ hasText: "lamp" }).click();
		await sidebar.section("Selected topic").getByRole("button", { name: "Publish to it" }).click();
		const form = sidebar.section("Publish");
		expect(await form.getByLabel("Topic", { exact: true }).inputValue()).toBe("cellar/lamp");
		await form.getByLabel("Payload", { exact: true }).fill("dimmed");
		await form.getByRole("button", { name: "Publish", exact: true }).click();
		await form.getByText(/^Published to cellar\/lamp/).waitFor();
		await sidebar.open("Topics");
		await sidebar.section("Selected topic").locator("pre").getByText("dimmed").waitFor();
	});

	test("a topic is dragged to the canvas and is there a node with its broker, which one undo takes away", async () => {
		const { page } = sidebar;
		await sidebar.open("Topics");
		await sidebar.root.getByRole("searchbox", { name: "Search topics" }).fill("floor/robot");
		const row = sidebar.root.getByRole("treeitem").filter({ hasText: "state" });
		await row.waitFor();
		const from = (await row.boundingBox()) as { x: number; y: number };
		await page.mouse.move(from.x + 60, from.y + 12);
		await page.mouse.down();
		await page.mouse.move(620, 420, { steps: 8 });
		await page.mouse.move(600, 400, { steps: 4 });
		await page.screenshot({ path: stage.picture("drag") });
		await page.mouse.up();
		const node = page.locator("g.red-ui-flow-node", { hasText: "floor/robot/state" });
		await node.waitFor();
		const found = await page.evaluate(
			(id) => {
				const { RED } = window as unknown as {
					RED: {
						nodes: {
							node(id: string | null): { broker: string; topic: string; valid: boolean; users: { id: string }[] };
						};
					};
				};
				const { broker, topic, valid } = RED.nodes.node(id);
				return { broker, topic, valid, used: RED.nodes.node(broker).users.some((user) => user.id === id) };
			},
			await node.getAttribute("id"),
		);
		expect(found).toEqual({ broker: "home", topic: "floor/robot/state", valid: true, used: true });
		const box = (await node.boundingBox()) as { x: number; y: number; width: number; height: number };
		expect(Math.abs(box.y + box.height / 2 - 400)).toBeLessThan(40);
		await page.evaluate(() =>
			(window as unknown as { RED: { actions: { invoke(name: string): void } } }).RED.actions.invoke("core:undo"),
		);
		await node.waitFor({ state: "detached" });
	});

	test.each(["mqtt in", "flowbroker-in", "flowbroker-out"])(
		"topics in use are offered in the form of %s",
		async (type) => {
			const { page } = sidebar;
			const editor = new EditorPage(page);
			const id = await editor.drag(type, 300, 300);
			await editor.edit(id);
			await page.locator("#node-input-topic").pressSequentially("robot");
			await page.locator(".red-ui-autoComplete-completion", { hasText: "floor/robot/state" }).waitFor();
			await page.click("#node-dialog-cancel");
			await page.waitForSelector("#node-dialog-cancel", { state: "detached" });
		},
	);

	test("says for whom, until when and for which clients a user is, and holds to it", async () => {
		await sidebar.open("Users");
		const users = sidebar.section("Users");
		const row = users.getByRole("listitem").filter({ has: sidebar.page.getByText("robot", { exact: true }) });
		await row.getByRole("button", { name: "robot" }).click();
		await row.getByRole("button", { name: "Note, expiry, client ids" }).click();
		await row.getByLabel("Note", { exact: true }).fill("hall, under the stairs");
		await row.getByLabel("Only with these client ids").fill("robot-1\nrobot, the second");
		await row.getByRole("button", { name: "Save" }).click();
		await row.getByText("hall, under the stairs").first().waitFor();
		await row.getByText("Only as client robot-1, robot, the second.").waitFor();
		const login = { username: "robot", password: "robot-password" };
		await expect(connect(url, { clientId: "robot-3", ...login })).rejects.toThrow();
		const client = await connect(url, { clientId: "robot, the second", ...login });
		await client.close();
		await row.getByRole("button", { name: "Note, expiry, client ids" }).click();
		await row.getByLabel("Can log in until").fill("2020-01-01");
		await row.getByRole("button", { name: "Save" }).click();
		await row.getByText("expired").waitFor();
		await expect(connect(url, { clientId: "robot-1", ...login })).rejects.toThrow();
		await row.getByRole("button", { name: "Note, expiry, client ids" }).click();
		await row.getByLabel("Can log in until").fill("");
		await row.getByLabel("Only with these client ids").fill("");
		await row.getByRole("button", { name: "Save" }).click();
		await row.getByText("expired").waitFor({ state: "hidden" });
		const again = await connect(url, { clientId: "robot-3", ...login });
		await again.close();
	});

	test("shows how many messages wait for a client that has gone", async () => {
		const login = { clientId: "sleeper", username: "garden", password: "garden-password", clean: false };
		const row = sidebar
			.section("Users")
			.getByRole("listitem")
			.filter({ has: sidebar.page.getByText("garden", { exact: true }) });
		await row.getByRole("button", { name: "garden" }).click();
		await row.getByRole("button", { name: "Add a rule" }).click();
		await row.getByLabel("Topic filter").fill("bed");
		await row.getByLabel("Topic filter").press("Enter");
		await row.getByText("bed", { exact: true }).waitFor();
		const client = await connect(url, login);
		await client.mqtt.subscribeAsync("bed", { qos: 1 });
		await client.close();
		const other = await connect(url, { clientId: "other", username: "garden", password: "garden-password" });
		for (let times = 0; times < 3; times++) await other.mqtt.publishAsync("bed", "x", { qos: 1 });
		await other.close();
		await sidebar.open("Clients");
		await sidebar
			.section("Gone lately")
			.getByRole("listitem")
			.filter({ hasText: "sleeper" })
			.getByText(/3 waiting/)
			.waitFor();
	});

	test("changes from one broker to another", async () => {
		await sidebar.open("Users");
		await sidebar.section("Users").getByText("robot", { exact: true }).waitFor();
		await sidebar.root.getByRole("combobox", { name: "Broker" }).selectOption({ label: "Shed" });
		await sidebar.see("There are no users yet.");
		await sidebar.root.getByRole("combobox", { name: "Broker" }).selectOption({ label: "Home" });
		await sidebar.section("Users").getByText("robot", { exact: true }).waitFor();
	});

	test("opens the broker's own form", async () => {
		await sidebar.root.getByRole("button", { name: "Settings" }).first().click();
		await sidebar.page.waitForSelector("#node-config-input-port");
		await sidebar.page.click("#node-config-dialog-cancel");
		await sidebar.page.waitForSelector("#node-config-dialog-cancel", { state: "detached" });
		expect(sidebar.errors).toEqual([]);
	});

	test("asks the server only while it is seen", async () => {
		const { page } = sidebar;
		await sidebar.open("Overview");
		const isOurs = (address: string) => address.includes("/flowbroker/");
		await page.waitForRequest((request) => isOurs(request.url()));
		await page.evaluate(() =>
			(window as unknown as { RED: { sidebar: { show(id: string): void } } }).RED.sidebar.show("info"),
		);
		await sidebar.root.waitFor({ state: "hidden" });
		// That nothing happens can only be waited for: longer than the longest pause between two questions.
		await page.waitForTimeout(500);
		let asked = 0;
		page.on("request", (request) => {
			if (isOurs(request.url())) asked++;
		});
		await page.waitForTimeout(3_500);
		expect(asked).toBe(0);
	});

	test("lets a login that may only read look at everything, and offers nothing that changes something", async () => {
		const context = await stage.browser.newContext({ viewport: { width: 1280, height: 900 } });
		const reader = new Sidebar(await context.newPage());
		const client = await connect(url, { clientId: "seen", username: "robot", password: "robot-password" });
		await reader.logIn(stage.nodeRed.url, "reader");
		await reader.open("Clients");
		await reader.section("Connected").getByRole("button", { name: "seen" }).click();
		await reader.section("Connected").getByText("MQTT 3.1.1").waitFor();
		await reader.open("Users");
		await reader.section("Users").getByRole("button", { name: "robot" }).click();
		await reader.see("floor/robot/state");
		await reader.open("Retained");
		await reader.see("cellar/lamp");
		for (const page of ["Clients", "Users", "Retained", "Topics", "Test", "Log", "Backup"]) {
			await reader.open(page);
			const buttons = reader.root.locator(".flowbroker-page button:not(.flowbroker-fold-head)").locator("visible=true");
			const offered = await buttons.evaluateAll((all) => all.map((each) => each.ariaLabel ?? each.textContent ?? ""));
			expect({ page, offered: offered.filter((text) => !/^(Copy|Ask|Pause|Export)/.test(text)) }).toEqual({
				page,
				offered: [],
			});
		}
		const refused = await reader.page.evaluate(async () => {
			const { $ } = window as unknown as { $: { ajax(options: object): PromiseLike<unknown> } };
			const options = { url: "flowbroker/brokers/home/users/robot", method: "DELETE", contentType: "application/json" };
			return new Promise((resolve) =>
				$.ajax(options).then(resolve, ({ status }: { status: number }) => resolve(status)),
			);
		});
		expect(refused).toBe(401);
		expect(reader.errors).toEqual([]);
		await client.close();
		await context.close();
	});
});
