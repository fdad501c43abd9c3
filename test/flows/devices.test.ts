import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import {
	EspHomeClimate,
	ShellyGen1,
	ShellyGen2,
	TasmotaPlug,
	Zigbee2Mqtt,
	type ZigbeeDevice,
	zigbeeModels,
} from "../helpers/devices";
import { type FlowRun, runFlows } from "../helpers/flow-run";
import { HomeWatch } from "../helpers/home-watch";

describe("the example flows for devices", () => {
	let run: FlowRun;
	let home: HomeWatch;
	let zigbee: Zigbee2Mqtt;
	let motion: ZigbeeDevice;
	let lamp: ZigbeeDevice;
	let window: ZigbeeDevice;

	beforeAll(async () => {
		run = await runFlows({
			flows: [
				"devices/zigbee2mqtt-motion-light",
				"devices/tasmota-energy-limit",
				"devices/shelly-gen1-relay-and-cover",
				"devices/shelly-gen2-relay-and-cover",
				"devices/esphome-climate",
			],
		});
		home = await HomeWatch.open(run.url);
		zigbee = new Zigbee2Mqtt({ url: run.url, now: run.now });
		motion = zigbee.add("hall_motion", zigbeeModels.motion);
		lamp = zigbee.add("hall_light", zigbeeModels.bulb);
		window = zigbee.add("bedroom_window", zigbeeModels.contact);
		await zigbee.start();
		await home.settle();
	}, 60_000);

	afterAll(async () => {
		await zigbee?.stop();
		await home?.close();
		expect(await run?.stop()).toBe(0);
		expect(run.output()).not.toMatch(/error|warn/);
	});

	beforeEach(() => home.clear());

	describe("Zigbee2MQTT motion light", () => {
		test("switches the lamp on in the dark, and off two minutes after the last motion", async () => {
			motion.report({ occupancy: true, illuminance: 4 });
			await home.until("zigbee2mqtt/hall_light", (text) => JSON.parse(text).state === "ON");
			motion.report({ occupancy: false });
			await home.settle();
			await run.advance(90);
			// Motion again: the two minutes begin anew.
			motion.report({ occupancy: true, illuminance: 400 });
			await home.settle();
			motion.report({ occupancy: false });
			await home.settle();
			await run.advance(119);
			await home.settle();
			expect(lamp.state.state).toBe("ON");
			await run.advance(1);
			await home.until("zigbee2mqtt/hall_light", (text) => JSON.parse(text).state === "OFF");
			expect(lamp.state.state).toBe("OFF");
		});

		test("does nothing by daylight", async () => {
			motion.report({ occupancy: true, illuminance: 300 });
			await home.settle();
			expect(home.all("zigbee2mqtt/hall_light/set")).toEqual([]);
			motion.report({ occupancy: false });
		});
	});

	describe("Tasmota energy limit", () => {
		let plug: TasmotaPlug;

		beforeAll(async () => {
			plug = new TasmotaPlug("heater", { url: run.url, now: run.now });
			await plug.start();
		});
		afterAll(() => plug.stop());

		test("switches off an appliance that takes too much power, and says so", async () => {
			plug.load = 1900;
			plug.tele();
			await home.settle();
			expect(plug.on).toBe(true);
			plug.load = 2400;
			plug.tele();
			const alert = await home.until("home/alerts", (text) => text.includes("2400 W"));
			expect(JSON.parse(alert)).toMatchObject({ urgent: true });
			await home.settle();
			expect(plug.on).toBe(false);
			expect(home.latest("home/plug/heater")).toBe('{"online":true,"on":false}');
		});

		test("keeps it off for the rest of the day when the energy is used up, and lets it run the next day", async () => {
			plug.load = 1500;
			plug.press();
			plug.run(2);
			plug.tele();
			await home.until("home/alerts", (text) => text.includes("3 kWh are used up"));
			await home.settle();
			plug.press();
			await home.settle();
			expect(plug.on).toBe(false);
			plug.nextDay();
			plug.tele();
			await home.settle();
			plug.press();
			plug.tele();
			await home.settle();
			expect(plug.on).toBe(true);
		});

		test("tells that the plug is gone, by its last will", async () => {
			await plug.connection.vanish();
			await home.until("home/plug/heater", (text) => JSON.parse(text).online === false);
		});
	});

	describe("Shelly Gen 1", () => {
		let shelly: ShellyGen1;

		beforeAll(async () => {
			shelly = new ShellyGen1("shellyswitch25-AABBCC", { url: run.url });
			await shelly.start();
		});
		afterAll(() => shelly.stop());

		test("switches the relay, and switches a forgotten pump off", async () => {
			await home.publish("home/pump/set", "on");
			await home.until("home/pump", "on");
			await home.settle();
			await run.advance(29 * 60);
			// The relay repeats its state: that does not make the time longer.
			await home.publish("shellies/shellyswitch25-AABBCC/command", "update");
			await home.settle();
			expect(shelly.relay).toBe(true);
			await run.advance(60);
			await home.until("home/pump", "off");
			expect(shelly.relay).toBe(false);
		});

		test("moves the cover by word and by number", async () => {
			await home.publish("home/blind/set", "close");
			await home.until("home/blind", "0");
			await home.publish("home/blind/set", "40");
			await home.until("home/blind", "40");
			expect(shelly.position).toBe(40);
		});

		test("tells online and offline", async () => {
			shelly.connection.drop();
			await home.until("home/shelly1/status", "offline");
			await home.until("home/shelly1/status", "online");
		});
	});

	describe("Shelly Gen 2 and newer", () => {
		let shelly: ShellyGen2;

		beforeAll(async () => {
			shelly = new ShellyGen2("shellyplus-boiler", { url: run.url, now: run.now });
			await shelly.start();
		});
		afterAll(() => shelly.stop());

		test("switches and moves by requests, and follows what somebody does at the device", async () => {
			await home.publish("home/boiler/set", "on");
			await home.until("home/boiler", "on");
			await home.publish("home/awning/set", "60");
			await home.until("home/awning", "60");
			shelly.press();
			await home.until("home/boiler", "off");
			expect(shelly.calls).toEqual([
				{ method: "Switch.Set", params: { id: 0, on: true } },
				{ method: "Cover.GoToPosition", params: { id: 0, pos: 60 } },
			]);
			expect(home.all("home/alerts")).toEqual([]);
		});

		test("tells what the device refuses", async () => {
			await home.publish("shellyplus-boiler/rpc", { id: 9, src: "flow-shelly", method: "Switch.Explode" });
			await home.until("home/alerts", (text) => text.includes("shellyplus-boiler refused: No handler"));
		});
	});

	describe("ESPHome climate", () => {
		let climate: EspHomeClimate;
		const state = () => JSON.parse(home.latest("home/climate") ?? "{}") as Record<string, unknown>;

		beforeAll(async () => {
			climate = new EspHomeClimate("bedroom-ac", "ac", { url: run.url });
			await climate.start();
		});
		afterAll(() => climate.stop());

		test("takes a wish as JSON and tells one state", async () => {
			climate.measure(19);
			await home.publish("home/climate/set", { mode: "heat", target: 21.5 }, { retain: true });
			await home.settle();
			expect(state()).toEqual({ mode: "heat", action: "heating", current_temperature: 19, target_temperature: 21.5 });
		});

		test("is off while the window is open, and goes back to what was wished", async () => {
			window.report({ contact: false });
			await home.settle();
			expect(climate.mode).toBe("off");
			await home.publish("home/climate/set", { mode: "cool" }, { retain: true });
			await home.settle();
			expect(climate.mode).toBe("off");
			window.report({ contact: true });
			await home.settle();
			expect(climate.mode).toBe("cool");
		});

		test("keeps another temperature while nobody is at home", async () => {
			await home.publish("home/presence", "away");
			await home.settle();
			expect(climate.target).toBe(17);
			await home.publish("home/presence", "home");
			await home.settle();
			expect(climate.target).toBe(21.5);
		});

		test("tells a device that was away what it missed", async () => {
			climate.connection.drop();
			await home.until("home/climate/status", "offline");
			await home.publish("home/climate/set", { mode: "auto" });
			await climate.connection.back();
			await home.until("home/climate/status", "online");
			await home.settle();
			expect(climate.mode).toBe("auto");
		});
	});
});
