import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { ShellyGen2, TasmotaPlug, Zigbee2Mqtt } from "../helpers/devices";
import { type FlowRun, runFlows } from "../helpers/flow-run";
import { HomeWatch } from "../helpers/home-watch";

let run: FlowRun;
let home: HomeWatch;
let zigbee: Zigbee2Mqtt;
let shelly: ShellyGen2;
let plug: TasmotaPlug;

beforeAll(async () => {
	run = await runFlows({ flows: ["devices/ask-devices"], env: { ASK_SECONDS: "1" } });
	home = await HomeWatch.open(run.url);
	zigbee = new Zigbee2Mqtt({ url: run.url });
	shelly = new ShellyGen2("shellyplus-boiler", { url: run.url });
	plug = new TasmotaPlug("heater", { url: run.url });
	for (const device of [zigbee, shelly, plug]) await device.start();
}, 60_000);

afterAll(async () => {
	for (const device of [zigbee, shelly, plug]) await device?.stop();
	await home?.close();
	expect(await run?.stop()).toBe(0);
});

beforeEach(() => home.clear());

const answer = async (from: string) => JSON.parse(await home.until(`home/answers/${from}`, () => true)) as unknown;

test("Zigbee2MQTT answers a request with the same transaction", async () => {
	await home.publish("home/ask/zigbee", "");
	expect(await answer("zigbee")).toMatchObject({ data: { healthy: true }, status: "ok" });
});

test("a Shelly answers by JSON-RPC, each request its own answer", async () => {
	await home.publish("home/ask/shelly", "");
	expect(await answer("shelly")).toMatchObject({ src: "shellyplus-boiler", result: { id: 0, output: false } });
	home.clear();
	shelly.press();
	await home.publish("home/ask/shelly", "");
	expect(await answer("shelly")).toMatchObject({ result: { output: true } });
});

test("Tasmota's next message is the answer", async () => {
	plug.load = 700;
	await home.publish("home/ask/tasmota", "");
	expect(await answer("tasmota")).toMatchObject({ StatusSNS: { ENERGY: { Power: 700 } } });
});

test("a device that does not answer in time is told", async () => {
	shelly.mute = true;
	await home.publish("home/ask/shelly", "");
	await home.until("home/alerts", (text) => text.includes("No answer"));
	expect(home.latest("home/answers/shelly")).toBeUndefined();
});
