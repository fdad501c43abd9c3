import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { ShellyGen2, TasmotaPlug, Zigbee2Mqtt, type ZigbeeDevice, zigbeeModels } from "../helpers/devices";
import { type FlowRun, runFlows } from "../helpers/flow-run";
import { HomeWatch } from "../helpers/home-watch";

const flows = [
	"device-monitor",
	"door-left-open",
	"energy-by-room",
	"leak-shut-off",
	"presence",
	"quiet-hours",
	"thermostat",
	"washing-machine",
].map((name) => `home/${name}`);

const MINUTE = 60;

describe("the example flows for the home", () => {
	let data: string;
	let run: FlowRun;
	let home: HomeWatch;
	let zigbee: Zigbee2Mqtt;
	let front: ZigbeeDevice;
	let room: ZigbeeDevice;
	let window: ZigbeeDevice;
	let leak: ZigbeeDevice;
	let valve: ZigbeeDevice;
	let motion: ZigbeeDevice;
	let radiator: TasmotaPlug;
	let washer: TasmotaPlug;

	beforeAll(async () => {
		data = await mkdtemp(join(tmpdir(), "flowbroker-home-"));
		run = await runFlows({ flows, data });
		const place = { url: run.url, now: () => run.now() };
		home = await HomeWatch.open(run.url, { reconnectPeriod: 40 });
		zigbee = new Zigbee2Mqtt(place);
		front = zigbee.add("front_door", zigbeeModels.contact);
		room = zigbee.add("livingroom_climate", zigbeeModels.climate);
		window = zigbee.add("livingroom_window", zigbeeModels.contact);
		leak = zigbee.add("bath_leak", zigbeeModels.leak);
		valve = zigbee.add("main_valve", zigbeeModels.valve);
		motion = zigbee.add("hall_motion", zigbeeModels.motion);
		radiator = new TasmotaPlug("radiator", place, { on: false });
		washer = new TasmotaPlug("washer", place);
		for (const device of [zigbee, radiator, washer]) await device.start();
		await advance(1);
	}, 60_000);

	afterAll(async () => {
		for (const device of [zigbee, radiator, washer]) await device?.stop();
		await home?.close();
		expect(await run?.stop()).toBe(0);
		expect(run.output()).not.toMatch(/error|warn/);
		await rm(data, { recursive: true, force: true });
	});

	beforeEach(() => home.clear());

	/** Time passes, and everything that follows from it has happened. */
	async function advance(seconds: number): Promise<void> {
		await home.settle();
		await run.advance(seconds);
		await home.settle();
	}

	const alerts = () => home.all("home/alerts").map((text) => (JSON.parse(text) as { text: string }).text);

	describe("thermostat", () => {
		test("heats by the schedule", async () => {
			room.report({ temperature: 19 });
			await home.settle();
			// From 06:30 on it shall be 21 degrees.
			expect(radiator.on).toBe(true);
			room.report({ temperature: 21.4 });
			await home.settle();
			expect(radiator.on).toBe(false);
		});

		test("is off while the window is open", async () => {
			room.report({ temperature: 18 });
			window.report({ contact: false });
			await home.settle();
			expect(radiator.on).toBe(false);
			expect(JSON.parse(home.latest("home/thermostat") ?? "")).toMatchObject({ window: "open", heating: false });
			window.report({ contact: true });
			await home.settle();
			room.report({ temperature: 18 });
			await home.settle();
			expect(radiator.on).toBe(true);
		});

		test("follows a wish until the schedule's next entry", async () => {
			await home.publish("home/thermostat/set", "16");
			await home.settle();
			expect(radiator.on).toBe(false);
			await advance(60 * MINUTE);
			expect(JSON.parse(home.latest("home/thermostat") ?? "")).toMatchObject({ wish: 18 });
		});

		test("switches a heater that missed the command", async () => {
			await home.publish("home/thermostat/set", "25");
			await home.settle();
			expect(radiator.on).toBe(true);
			radiator.press();
			await advance(MINUTE);
			expect(radiator.on).toBe(true);
		});
	});

	describe("presence", () => {
		test("says home for a phone or for motion, and away some time after the last phone has left", async () => {
			await home.publish("home/phones/anna", "home", { retain: true });
			await home.until("home/presence", "home");
			await home.publish("home/phones/anna", "not_home", { retain: true });
			await advance(5 * MINUTE);
			// The router says so again and again: that does not make the time longer.
			await home.publish("home/phones/anna", "not_home", { retain: true });
			await advance(9 * MINUTE);
			expect(home.all("home/presence")).toEqual(["home"]);
			await advance(MINUTE);
			await home.until("home/presence", "away");
		});

		test("knows that who moved after the door was closed is still there", async () => {
			front.report({ contact: false });
			front.report({ contact: true });
			motion.report({ occupancy: true });
			await home.until("home/presence", "home");
			motion.report({ occupancy: false });
			await advance(60 * MINUTE);
			expect(home.latest("home/presence")).toBe("home");
			front.report({ contact: false });
			front.report({ contact: true });
			await advance(15 * MINUTE);
			await home.until("home/presence", "away");
		});
	});

	describe("door left open", () => {
		test("tells a door that is open for ten minutes, once, and that it is closed", async () => {
			front.report({ contact: false });
			await advance(9 * MINUTE);
			// The sensor repeats itself: that does not make the time longer.
			front.report();
			window.report({ contact: false });
			await advance(5 * MINUTE);
			expect(alerts()).toEqual(["front_door is open for 10 minutes"]);
			window.report({ contact: true });
			front.report({ contact: true });
			await advance(30 * MINUTE);
			expect(alerts()).toEqual(["front_door is open for 10 minutes", "front_door is closed"]);
		});
	});

	describe("washing machine", () => {
		const takes = async (watts: number) => {
			washer.load = watts;
			washer.tele();
			await home.settle();
		};

		test("tells the end of a program, and not its pauses", async () => {
			await takes(1900);
			await home.until("home/laundry", "running");
			await takes(2);
			await advance(2 * MINUTE);
			await takes(300);
			await advance(10 * MINUTE);
			await takes(2);
			await advance(2 * MINUTE);
			expect(home.all("home/laundry")).toEqual(["running"]);
			await advance(MINUTE);
			// Nothing more comes of the standby power afterwards.
			await takes(2);
			await advance(10 * MINUTE);
			expect(home.all("home/laundry")).toEqual(["running", "finished"]);
			expect(alerts()).toEqual(["The laundry is done"]);
		});
	});

	describe("leak shut-off", () => {
		test("closes the valve, and stops when the valve has confirmed it", async () => {
			leak.report({ water_leak: true });
			await home.until("home/water", "closed");
			await advance(MINUTE);
			expect(valve.commands).toEqual([{ state: "OFF" }]);
			expect(alerts()).toEqual(["Water at bath_leak: closing the main valve"]);
		});

		test("keeps it closed while there is water", async () => {
			await home.publish("home/water/set", "open");
			await home.settle();
			expect(valve.state.state).toBe("OFF");
			expect(alerts()).toEqual(["The water stays off: there is water at bath_leak"]);
			leak.report({ water_leak: false });
			await home.settle();
			await home.publish("home/water/set", "open");
			await home.until("home/water", "open");
		});

		test("tries again and calls for help when the valve does not answer", async () => {
			valve.jammed = true;
			valve.commands.length = 0;
			leak.report({ water_leak: true });
			await advance(35);
			expect(valve.commands).toHaveLength(4);
			expect(alerts().at(-1)).toBe("The main valve does not answer: close it by hand");
			valve.jammed = false;
			await advance(10);
			await home.until("home/water", "closed");
			leak.report({ water_leak: false });
		});
	});

	describe("energy by room", () => {
		test("adds up what the meters of a room count", async () => {
			washer.load = 2000;
			washer.run(0.5);
			washer.tele();
			await home.until("home/energy/bathroom/today", "1.000");
			await home.publish("zigbee2mqtt/kettle", { energy: 7 });
			await home.publish("zigbee2mqtt/kettle", { energy: 7.25 });
			await home.until("home/energy/kitchen/today", "0.250");
			// A new plug begins at zero.
			await home.publish("zigbee2mqtt/kettle", { energy: 0 });
			await home.publish("zigbee2mqtt/kettle", { energy: 0.1 });
			await home.until("home/energy/kitchen/today", "0.350");
		});
	});

	describe("device monitor", () => {
		test("tells who is gone for a while, and comes back, by will", async () => {
			const shelly = new ShellyGen2("shellyplus-attic", { url: run.url });
			await shelly.start();
			await home.until("home/devices/shellyplus-attic", (text) => JSON.parse(text).online === true);
			shelly.connection.drop();
			await shelly.connection.back();
			await advance(3 * MINUTE);
			expect(alerts()).toEqual([]);
			await shelly.connection.vanish();
			await home.until("home/devices/shellyplus-attic", (text) => JSON.parse(text).online === false);
			await advance(3 * MINUTE);
			expect(alerts()).toEqual(["shellyplus-attic is offline"]);
			await shelly.start();
			await home.until("home/alerts", (text) => text.includes("shellyplus-attic is online again"));
			await shelly.stop();
		});

		test("tells a low battery once", async () => {
			leak.report({ battery: 12 });
			leak.report({ battery: 11 });
			await home.settle();
			expect(alerts()).toEqual(["bath_leak has a battery of 12 %"]);
		});
	});

	describe("night", () => {
		test("holds back what is not urgent until the morning, also over a restart at night", async () => {
			// It is about noon.
			await advance(11 * 60 * MINUTE);
			await home.until("home/quiet", "on");
			await home.publish("home/alerts", "The cat is out");
			await home.publish("home/alerts", { text: "Smoke!", urgent: true });
			await home.until("home/notify", "Smoke!");
			await home.settle();
			const { port, now } = run;
			await run.kill();
			run = await runFlows({ flows, data, port, now: now().toISOString() });
			for (const device of [zigbee, radiator, washer]) await device.connection.back();
			await home.settle();
			expect(home.all("home/notify")).not.toContain("The cat is out");
			await advance(9 * 60 * MINUTE);
			const morning = await home.until("home/notify", (text) => text.startsWith("In the night: "));
			expect(morning).toContain("The cat is out");
			await home.until("home/quiet", "off");
		}, 40_000);

		test("ends the day of the energy meters at midnight, also over a restart", async () => {
			const seen = await HomeWatch.open(run.url, { clientId: "late" });
			expect(await seen.until("home/energy/bathroom/yesterday", () => true)).toBe("1.000");
			expect(await seen.until("home/energy/bathroom/today", () => true)).toBe("0.000");
			await seen.close();
			washer.run(0.25);
			washer.tele();
			await home.until("home/energy/bathroom/today", "0.500");
		});

		test("tells a device that has been silent for a day", async () => {
			await advance(15 * 60 * MINUTE);
			await advance(2 * 60 * MINUTE);
			expect(alerts()).toContain("bath_leak says nothing any more");
			leak.report();
			await home.settle();
			expect(alerts()).toContain("bath_leak speaks again");
		});
	});
});
