import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { HostedBroker } from "../../broker";
import { slug } from "../../nodes/ha-entity/entity-settings";
import { haComponents, haEntityDefaults, haEntityType } from "../../nodes/ha-entity/properties";
import { HomeAssistant } from "../helpers/devices";
import { type EmbeddedNodeRed, type FlowNode, type Msg, startNodeRed } from "../helpers/embedded-node-red";
import { HomeWatch } from "../helpers/home-watch";

const tab: FlowNode = { id: "tab", type: "tab", label: "Test" };
const broker: FlowNode = { id: "broker", type: "flowbroker-broker", name: "", host: "127.0.0.1", port: 0 };
const place = { z: "tab", x: 1, y: 1 };
const probe: FlowNode = { ...place, id: "got", type: "test-probe", wires: [] };

const entity = (id: string, component: string, changes: Record<string, unknown> = {}): FlowNode => ({
	...place,
	...haEntityDefaults,
	id,
	type: haEntityType,
	name: id,
	broker: "broker",
	device: "Hall",
	component,
	wires: [["got"]],
	...changes,
});

describe("the Home Assistant entity", () => {
	let red: EmbeddedNodeRed;
	let ha: HomeAssistant;
	let watch: HomeWatch;

	beforeAll(async () => {
		red = await startNodeRed();
	});
	afterAll(() => red.stop());

	beforeEach(async () => {
		await red.deploy([tab, broker]);
		const hosted = red.node<HostedBroker>("broker");
		await hosted.started;
		const url = `mqtt://127.0.0.1:${hosted.broker?.listeners[0]?.port}`;
		ha = new HomeAssistant({ url });
		await ha.start();
		watch = await HomeWatch.open(url);
		red.clear();
	});
	afterEach(async () => {
		// The store of the broker is on the disk: nothing is to be left for the next test.
		await red.deploy([tab, broker]);
		await watch.settle();
		await watch.close();
		await ha.stop();
		expect(ha.problems).toEqual([]);
		await red.deploy([]);
	});

	const deploy = (...nodes: FlowNode[]) => red.deploy([tab, broker, probe, ...nodes]);
	/** The last message that the flow got from an entity. */
	const command = async (count: number) => {
		const message = (await red.received("got", count)).at(-1);
		return { payload: message?.payload, command: message?.command, topic: message?.topic };
	};

	test.each(haComponents.map((component) => [component]))(
		"makes a %s that Home Assistant accepts and finds available",
		async (component) => {
			await deploy(entity("thing", component));
			await ha.available("hall/thing");
			expect(watch.all("homeassistant/device/hall/config")).toHaveLength(1);
		},
	);

	test("puts entities of one device into one retained message, with room and name", async () => {
		await deploy(
			entity("lamp", "light", { area: "Hall" }),
			entity("temperature", "sensor", {
				deviceClass: "temperature",
				unit: "°C",
				options: '{"state_class":"measurement"}',
			}),
		);
		const { config } = await ha.entity("hall/temperature");
		await ha.entity("hall/lamp");
		expect(config).toMatchObject({
			unique_id: "hall_temperature",
			name: "temperature",
			device_class: "temperature",
			unit_of_measurement: "°C",
			state_class: "measurement",
		});
		const message = JSON.parse(await watch.until("homeassistant/device/hall/config", () => true));
		expect(message.device).toEqual({ identifiers: ["hall"], name: "Hall", suggested_area: "Hall" });
	});

	test.each([
		["sensor", 21.5, "state", "21.5"],
		["binary_sensor", true, "state", "ON"],
		["switch", "off", "state", "OFF"],
		["number", "7", "state", "7"],
		["light", { state: "ON", brightness: 128, linkquality: 90 }, "brightness", 128],
		["light", true, "state", "ON"],
		["cover", 40, "position", 40],
		["cover", "closed", "state", "closed"],
		["climate", { mode: "heat", target: 21 }, "temperature", 21],
	])("shows a %s the payload %p", async (component, payload, name, shown) => {
		await deploy(entity("thing", component));
		await ha.available("hall/thing");
		red.send("thing", { payload });
		await ha.shows("hall/thing", name, shown);
	});

	test("keeps what a message does not say", async () => {
		await deploy(entity("thing", "climate"));
		await ha.available("hall/thing");
		red.send("thing", { payload: { mode: "heat", temperature: 21 }, attributes: { window: "closed" } });
		red.send("thing", { payload: { current_temperature: 19.5 } });
		await ha.shows("hall/thing", "current_temperature", 19.5);
		expect(ha.value("hall/thing", "temperature")).toBe(21);
		expect(await watch.until("flowbroker/hall/thing/attributes", () => true)).toBe('{"window":"closed"}');
	});

	test.each([
		["switch", "ON", undefined, { payload: "ON", command: "state" }],
		["light", { state: "ON", brightness: 9 }, undefined, { payload: { state: "ON", brightness: 9 }, command: "state" }],
		["cover", "CLOSE", undefined, { payload: "CLOSE", command: "state" }],
		["cover", "40", "position" as const, { payload: { position: 40 }, command: "position" }],
		["climate", "heat", "mode" as const, { payload: { mode: "heat" }, command: "mode" }],
		["climate", "21.5", "temperature" as const, { payload: { temperature: 21.5 }, command: "temperature" }],
		["number", "7", undefined, { payload: 7, command: "state" }],
		["button", "PRESS", undefined, { payload: "PRESS", command: "state" }],
	])("hands on the command of a %s: %p", async (component, payload, part, expected) => {
		await deploy(entity("thing", component));
		await ha.available("hall/thing");
		ha.command("hall/thing", payload, part);
		expect(await command(1)).toEqual({ ...expected, topic: "hall/thing" });
	});

	test.each([
		["switch", "ON", undefined, "state", "ON"],
		["light", { state: "ON", brightness: 9 }, undefined, "brightness", 9],
		["cover", "CLOSE", undefined, "position", 0],
		["cover", "40", "position" as const, "position", 40],
		["climate", "21.5", "temperature" as const, "temperature", 21.5],
	])("makes the command of a %s the state where that is asked for", async (component, payload, part, name, shown) => {
		await deploy(entity("thing", component, { echo: true }));
		await ha.available("hall/thing");
		ha.command("hall/thing", payload, part);
		await ha.shows("hall/thing", name, shown);
	});

	test("lets a device trigger go off with every message", async () => {
		await deploy(entity("thing", "device_automation", { triggerType: "button_long_press" }));
		await ha.entity("hall/thing");
		red.send("thing", { payload: "whatever" });
		await watch.until("flowbroker/hall/thing/trigger", "button_long_press");
		await watch.settle();
		expect(ha.triggered).toEqual(["button_long_press button_1"]);
	});

	test("introduces itself again when Home Assistant starts", async () => {
		await deploy(entity("thing", "switch"));
		await ha.available("hall/thing");
		red.send("thing", { payload: true });
		await ha.shows("hall/thing", "state", "ON");
		await ha.stop();
		watch.clear();
		await ha.start();
		await ha.available("hall/thing");
		await ha.shows("hall/thing", "state", "ON");
		await watch.until("homeassistant/device/hall/config", (text) => text !== "");
	});

	test("is forgotten when its node is deleted, without the other entities of the device", async () => {
		await deploy(entity("lamp", "light"), entity("fan", "switch"));
		await ha.available("hall/lamp");
		await ha.available("hall/fan");
		red.send("fan", { payload: true });
		await ha.shows("hall/fan", "state", "ON");
		watch.clear();
		// Only what has changed is deployed: the lamp's node is not made anew.
		await red.deploy([tab, broker, probe, entity("lamp", "light")], "nodes");
		await ha.absent("hall/fan");
		await watch.settle();
		expect(ha.ids).toEqual(["hall/lamp"]);
		await ha.available("hall/lamp");
		const sent = watch.all("homeassistant/device/hall/config").map((text) => JSON.parse(text).components);
		expect(sent.map((components) => Object.keys(components))).toEqual([["lamp", "fan"], ["lamp"]]);
		expect(sent[0].fan).toEqual({ platform: "switch" });
	});

	test("leaves nothing behind when the last entity of a device is deleted", async () => {
		await deploy(entity("lamp", "light"));
		await ha.available("hall/lamp");
		red.send("lamp", { payload: true });
		await ha.shows("hall/lamp", "state", "ON");
		await deploy();
		await ha.absent("hall/lamp");
		await watch.settle();
		const { broker: running } = red.node<HostedBroker>("broker");
		const retained = await HomeWatch.open(`mqtt://127.0.0.1:${running?.listeners[0]?.port}`, { clientId: "late" });
		await retained.settle();
		expect(retained.messages().filter(([topic]) => !topic.startsWith("$"))).toEqual([]);
		await retained.close();
	});

	test("is one entity after its name and id were changed", async () => {
		await deploy(entity("lamp", "light"));
		await ha.entity("hall/lamp");
		await deploy(entity("lamp", "light", { name: "Ceiling" }));
		await ha.entity("hall/ceiling");
		await ha.absent("hall/lamp");
		expect(ha.ids).toEqual(["hall/ceiling"]);
	});

	test("takes back what an earlier run has left of the device", async () => {
		const left = { platform: "switch", command_topic: "x", unique_id: "hall_old", name: "old" };
		const discovery = { device: { identifiers: ["hall"] }, origin: { name: "flowbroker" }, components: { old: left } };
		await watch.publish("homeassistant/device/hall/config", discovery, { retain: true });
		await ha.entity("hall/old");
		await deploy(entity("lamp", "light"));
		await ha.absent("hall/old");
		await ha.available("hall/lamp");
	});

	test("stays available over a full deploy", async () => {
		await deploy(entity("lamp", "light"));
		await ha.available("hall/lamp");
		watch.clear();
		await deploy(entity("lamp", "light"), { ...probe, id: "other" });
		await watch.settle();
		expect(watch.all("flowbroker/hall/availability")).not.toContain("offline");
		expect(ha.ids).toEqual(["hall/lamp"]);
	});

	test("says what payload it can't show", async () => {
		await deploy(entity("lamp", "cover"), { ...place, id: "catch", type: "catch", scope: null, wires: [["got"]] });
		await ha.available("hall/lamp");
		red.send("lamp", { payload: "half" });
		const [message] = await red.received("got", 1);
		const { message: sentence } = (message as Msg).error as { message: string };
		expect(sentence).toContain("it wants a position from 0 (closed) to 100");
	});

	test.each([
		[{ device: "" }, 'The field "device"'],
		[{ options: "{min" }, 'The field "more settings"'],
		[{ deviceId: "hall/lamp" }, 'The field "device id"'],
		[{ base: "home/#" }, 'The field "topics under"'],
	])("refuses the settings %p with a sentence", async (changes, sentence) => {
		await deploy(entity("thing", "light", changes));
		expect((await red.status("thing", ({ fill }) => fill === "red")).text).toBe("settings invalid");
		expect(red.log.some(({ msg }) => String(msg).includes(sentence))).toBe(true);
	});

	test("tells of a broken connection to another broker by that connection's own will", async () => {
		const { broker: running } = red.node<HostedBroker>("broker");
		const remote = {
			id: "away",
			type: "flowbroker-broker",
			kind: "remote",
			broker: "127.0.0.1",
			port: running?.listeners[0]?.port,
			clientid: "flow",
			protocolVersion: "5",
			...{ birthTopic: "flow/status", birthPayload: "online", birthRetain: "true", birthQos: "1", birthMsg: {} },
			...{ willTopic: "flow/status", willPayload: "offline", willRetain: "true", willQos: "1", willMsg: {} },
		};
		await red.deploy([tab, broker, remote, probe, entity("lamp", "light", { broker: "away" })]);
		await ha.available("hall/lamp");
		await watch.publish("flow/status", "offline", { retain: true });
		await ha.available("hall/lamp", false);
	});
});

describe("the form of the Home Assistant entity", () => {
	const folder = join(__dirname, "../../nodes/ha-entity");
	const read = (path: string) => readFile(join(folder, path), "utf8");

	test("has the same defaults in the editor and at runtime, and a field for each", async () => {
		const page = await readFile(join(__dirname, "../../dist/nodes/ha-entity/ha-entity.html"), "utf8");
		const script = /<script type="text\/javascript">(.*?)<\/script>/s.exec(page)?.[1] ?? "";
		let definition: { defaults: Record<string, { value: unknown }>; icon: string } | undefined;
		const RED = { nodes: { registerType: (_type: string, given: typeof definition) => (definition = given) } };
		runInNewContext(script, { RED, TextEncoder, document: {} });
		const values = Object.entries(definition?.defaults ?? {}).map(([name, { value }]) => [name, value]);
		expect(Object.fromEntries(values)).toEqual(haEntityDefaults);
		for (const name of Object.keys(haEntityDefaults)) expect(page).toContain(`id="node-input-${name}"`);
		expect(await readdir(join(folder, "icons"))).toContain(definition?.icon);
	});

	test("offers every kind of entity, and uses only texts that exist, and all of them", async () => {
		const page = await read("ha-entity.html");
		for (const component of haComponents) expect(page).toContain(`<option value="${component}"`);
		const used = [...page.matchAll(/data-i18n="(?:\[\w+\])?([^"]+)"/g)].map(([, key]) => key).sort();
		const texts = JSON.parse(await read("locales/en-US/ha-entity.json")) as Record<string, Record<string, object>>;
		const keys = Object.entries(texts["ha-entity"] ?? {}).flatMap(([part, inner]) =>
			Object.keys(inner).map((key) => `ha-entity.${part}.${key}`),
		);
		expect([...new Set(used)]).toEqual(keys.sort());
		expect(await read("locales/en-US/ha-entity.html")).toContain(`data-help-name="${haEntityType}"`);
	});

	test.each([
		["Küche, Süd", "kuche_sud"],
		["Lamp 1", "lamp_1"],
		["-- ", ""],
	])("makes the id of the name %p", (name, id) => {
		expect(slug(name)).toBe(id);
	});
});
