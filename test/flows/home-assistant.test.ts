import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { startBroker } from "../helpers/broker";
import {
	type Device,
	EspHomeClimate,
	HomeAssistant,
	ShellyGen1,
	TasmotaPlug,
	Zigbee2Mqtt,
	type ZigbeeDevice,
	zigbeeModels,
} from "../helpers/devices";
import { type FlowRun, runFlows } from "../helpers/flow-run";
import { HomeWatch } from "../helpers/home-watch";
import { connect } from "../helpers/mqtt-client";
import { pressed } from "../helpers/pressed";

const entities = [
	"bedroom/air_conditioning",
	"bedroom/blind",
	"cellar/heater",
	"garden/humidity",
	"garden/temperature",
	"hall/button",
	"hall/ceiling",
];

let data: string;
let run: FlowRun;
let home: HomeWatch;
let ha: HomeAssistant;
let devices: Device[];
let lamp: ZigbeeDevice;
let thermometer: ZigbeeDevice;
let plug: TasmotaPlug;
let shelly: ShellyGen1;
let climate: EspHomeClimate;

const start = () =>
	runFlows({
		flows: ["home-assistant/entities", "devices/esphome-climate", "devices/shelly-gen1-relay-and-cover"],
		data,
		...(run && { port: run.port }),
	});

beforeAll(async () => {
	data = await mkdtemp(join(tmpdir(), "flowbroker-home-assistant-"));
	run = await start();
	const place = { url: run.url };
	home = await HomeWatch.open(run.url, { reconnectPeriod: 40 });
	ha = new HomeAssistant(place);
	const zigbee = new Zigbee2Mqtt(place);
	lamp = zigbee.add("hall_light", zigbeeModels.bulb);
	thermometer = zigbee.add("garden_sensor", zigbeeModels.climate);
	plug = new TasmotaPlug("heater", place);
	shelly = new ShellyGen1("shellyswitch25-AABBCC", place);
	climate = new EspHomeClimate("bedroom-ac", "ac", place);
	devices = [zigbee, plug, shelly, climate];
	await ha.start();
	for (const device of devices) await device.start();
}, 60_000);

afterAll(async () => {
	for (const device of devices ?? []) await device.stop();
	await ha?.stop();
	await home?.close();
	expect(await run?.stop()).toBe(0);
	expect(ha.problems).toEqual([]);
	await rm(data, { recursive: true, force: true });
});

beforeEach(() => home.clear());

test("Home Assistant finds every entity, and all are available", async () => {
	for (const id of entities) await ha.available(id);
	expect(ha.ids).toEqual(entities);
});

test("a lamp is switched from Home Assistant, and shows what it does", async () => {
	ha.command("hall/ceiling", { state: "ON", brightness: 100 });
	await ha.shows("hall/ceiling", "brightness", 100);
	await ha.shows("hall/ceiling", "state", "ON");
	expect(lamp.state).toMatchObject({ state: "ON", brightness: 100 });
});

test("sensors show what was measured", async () => {
	thermometer.report({ temperature: 7.5, humidity: 81 });
	await ha.shows("garden/temperature", "state", "7.5");
	await ha.shows("garden/humidity", "state", "81");
});

test("a plug is switched from Home Assistant and at the plug", async () => {
	ha.command("cellar/heater", "OFF");
	await ha.shows("cellar/heater", "state", "OFF");
	plug.press();
	await ha.shows("cellar/heater", "state", "ON");
});

test("heating and blind obey, part by part", async () => {
	ha.command("bedroom/air_conditioning", "heat", "mode");
	await ha.shows("bedroom/air_conditioning", "mode", "heat");
	ha.command("bedroom/air_conditioning", "23.5", "temperature");
	await ha.shows("bedroom/air_conditioning", "temperature", 23.5);
	expect(climate.target).toBe(23.5);
	ha.command("bedroom/blind", "CLOSE");
	await ha.shows("bedroom/blind", "state", "closed");
	ha.command("bedroom/blind", "30", "position");
	await ha.shows("bedroom/blind", "position", 30);
	expect(shelly.position).toBe(30);
});

test("a button starts automations", async () => {
	await home.publish("zigbee2mqtt/hall_button", { action: "single" });
	await home.publish("zigbee2mqtt/hall_button", { action: "double" });
	await home.settle();
	expect(ha.triggered).toEqual(["button_short_press button_1"]);
});

test("all is there again after a restart of Home Assistant, with its state", async () => {
	await ha.stop();
	await ha.start();
	for (const id of entities) await ha.available(id);
	await ha.shows("hall/ceiling", "brightness", 100);
});

test("entities outlive a restart of the flow: they are unavailable, not forgotten", async () => {
	await home.settle();
	expect(await run.stop()).toBe(0);
	expect(ha.ids).toEqual(entities);
	run = await start();
	await ha.connection.back();
	for (const device of devices) await device.connection.back();
	for (const id of entities) await ha.available(id);
	ha.command("hall/ceiling", { state: "OFF" });
	await ha.shows("hall/ceiling", "state", "OFF");
}, 40_000);

test("entities on a broker elsewhere are unavailable while the flow is stopped, and not forgotten", async () => {
	await using elsewhere = await startBroker();
	const folder = await mkdtemp(join(tmpdir(), "flowbroker-elsewhere-"));
	const nodes = JSON.parse(
		readFileSync(join(__dirname, "../../flows/home-assistant/entities.json"), "utf8"),
	) as object[];
	const remote = { kind: "remote", broker: "127.0.0.1", port: elsewhere.port, protocolVersion: "5" };
	const file = join(folder, "entities.json");
	await writeFile(file, JSON.stringify(nodes.map((node) => ("kind" in node ? { ...node, ...remote } : node))));
	const hub = new HomeAssistant({ url: elsewhere.url });
	await hub.start();
	await using other = await runFlows({ flows: [file] });
	for (const id of entities) await hub.available(id);
	expect(await other.stop()).toBe(0);
	for (const id of entities) await hub.available(id, false);
	expect(hub.ids).toEqual(entities);
	await hub.stop();
	await rm(folder, { recursive: true, force: true });
}, 40_000);

test("the button for users makes one for Home Assistant and one for devices, and shows their passwords once", async () => {
	const folder = await mkdtemp(join(tmpdir(), "flowbroker-users-"));
	const flow = pressed("home-assistant/entities", ["add users"], folder);
	await using other = await runFlows({ flows: [flow], data: folder });
	await other.advance(1);
	await other.sees(/(?:password: '[\s\S]*){2}/);
	const shown = other.output().matchAll(/name: '(\w+)'[\s\S]*?password: '([^']+)'/g);
	const passwords = Object.fromEntries([...shown].map(([, user, password]) => [user, password as string]));
	const hub = await connect(other.url, {
		username: "homeassistant",
		password: passwords.homeassistant ?? "",
		protocolVersion: 5,
	});
	await hub.mqtt.subscribeAsync("#");
	const device = await connect(other.url, {
		username: "devices",
		password: passwords.devices ?? "",
		protocolVersion: 5,
	});
	const refused = device.mqtt.publishAsync("homeassistant/device/forged/config", "{}", { qos: 1 });
	await expect(refused).rejects.toThrow(/not authorized/i);
	await device.mqtt.publishAsync("tele/heater/LWT", "Online", { qos: 1 });
	await hub.next(({ topic }) => topic === "tele/heater/LWT");
	await device.close();
	await hub.close();
	expect(await other.stop()).toBe(0);
	await rm(folder, { recursive: true, force: true });
}, 40_000);
