/** A house with sixty devices, most of them simply there, some with a part in the stories of the scenario. */

import {
	type Device,
	type DevicePlace,
	EspHomeClimate,
	HomeAssistant,
	type Random,
	ShellyGen1,
	ShellyGen2,
	TasmotaPlug,
	Zigbee2Mqtt,
	type ZigbeeDevice,
	zigbeeModels,
} from "../../helpers/devices";

const rooms = ["hall", "kitchen", "bath", "bedroom", "attic", "cellar"] as const;

/** Plug -> room, as the flow gets it in the variable ROOMS. */
export const plugRooms = {
	washer: "bathroom",
	dryer: "bathroom",
	radiator: "livingroom",
	television: "livingroom",
	heater: "cellar",
	freezer: "cellar",
	kettle: "kitchen",
	fridge: "kitchen",
	oven: "kitchen",
	desk: "office",
	printer: "office",
	router: "office",
	lamp: "attic",
	fan: "attic",
} as const;
type PlugName = keyof typeof plugRooms;

export class House {
	readonly zigbee: Zigbee2Mqtt;
	readonly plugs: Readonly<Record<PlugName, TasmotaPlug>>;
	readonly shelly1: ShellyGen1;
	readonly shelly2: ShellyGen2;
	readonly climate: EspHomeClimate;
	readonly homeAssistant: HomeAssistant;
	/** Those with a connection of their own. */
	readonly connected: readonly Device[];
	readonly #random: Random;

	constructor(place: DevicePlace, random: Random) {
		this.#random = random;
		this.zigbee = new Zigbee2Mqtt(place);
		for (const room of rooms) {
			this.zigbee.add(`${room}_motion`, zigbeeModels.motion);
			this.zigbee.add(`${room}_window`, zigbeeModels.contact);
			this.zigbee.add(`${room}_climate`, zigbeeModels.climate);
		}
		for (const name of ["front_door", "garage_door", "livingroom_window"]) this.zigbee.add(name, zigbeeModels.contact);
		for (const name of ["bath_leak", "kitchen_leak"]) this.zigbee.add(name, zigbeeModels.leak);
		for (const name of ["hall_light", "attic_light"]) this.zigbee.add(name, zigbeeModels.bulb);
		this.zigbee.add("livingroom_climate", zigbeeModels.climate);
		this.zigbee.add("garden_sensor", zigbeeModels.climate);
		this.zigbee.add("main_valve", zigbeeModels.valve);
		const names = Object.keys(plugRooms) as PlugName[];
		const plugs = names.map((name) => [name, new TasmotaPlug(name, place, { on: name !== "radiator", total: 50 })]);
		this.plugs = Object.fromEntries(plugs) as Record<PlugName, TasmotaPlug>;
		this.shelly1 = new ShellyGen1("shellyswitch25-AABBCC", place);
		this.shelly2 = new ShellyGen2("shellyplus-boiler", place);
		this.climate = new EspHomeClimate("bedroom-ac", "ac", place);
		this.homeAssistant = new HomeAssistant(place);
		const others = [
			...["shelly1-A1", "shelly1-A2", "shelly1-A3", "shelly1-A4"].map((id) => new ShellyGen1(id, place)),
			...["shellyplus-a", "shellyplus-b", "shellyplus-c", "shellyplus-d", "shellyplus-e", "shellyplus-f"].map((id) => {
				return new ShellyGen2(id, place);
			}),
			...["office-ac", "attic-ac", "kitchen-ac", "guest-ac", "cellar-ac"].map(
				(node) => new EspHomeClimate(node, "ac", place),
			),
		];
		this.connected = [this.zigbee, ...Object.values(this.plugs), this.shelly1, this.shelly2, this.climate, ...others];
	}

	/** How many devices there are: the bridge itself speaks for others, Home Assistant for none. */
	get size(): number {
		return this.connected.length - 1 + this.zigbee.devices.length;
	}

	sensor(name: string): ZigbeeDevice {
		const found = this.zigbee.devices.find((device) => device.name === name);
		if (!found) throw new Error(`there is no ${name}`);
		return found;
	}

	async start(): Promise<void> {
		await this.homeAssistant.start();
		for (const device of this.connected) await device.start();
		for (const [name, plug] of Object.entries(this.plugs))
			if (name !== "washer") plug.load = 20 + this.#random.below(400);
		this.plugs.radiator.load = 1200;
		this.plugs.heater.load = 900;
	}

	/** Resolves when everybody is connected again. */
	async back(): Promise<void> {
		await this.homeAssistant.connection.back();
		for (const device of this.connected) if (device.connection.running) await device.connection.back();
	}

	async idle(): Promise<void> {
		for (const { connection } of this.connected) await connection.idle();
	}

	async stop(): Promise<void> {
		await this.homeAssistant.stop();
		for (const device of this.connected) await device.stop();
	}

	/** What a minute does to the house by itself. */
	minute(minute: number, somebodyIsHome: boolean): void {
		for (const plug of Object.values(this.plugs)) {
			plug.run(1 / 60);
			plug.tele();
		}
		this.#livingRoom();
		const room = this.#random.pick(rooms);
		if (minute % 5 === 0) {
			const drift = (this.#random.next() - 0.5) / 2;
			this.sensor(`${room}_climate`).report({ temperature: round(20 + drift), humidity: 40 + this.#random.below(20) });
		}
		if (somebodyIsHome && this.#random.next() < 0.3) {
			const motion = this.sensor(`${room}_motion`);
			motion.report({ occupancy: true, illuminance: this.#random.below(60) });
			motion.report({ occupancy: false });
		}
		// A short look out of a window, which closes in the same minute.
		if (room !== "bedroom" && this.#random.next() < 0.2) {
			this.sensor(`${room}_window`).report({ contact: false });
			this.sensor(`${room}_window`).report({ contact: true });
		}
	}

	/** The living room loses heat, faster with an open window, and gains it from the radiator. */
	#livingRoom(): void {
		const room = this.sensor("livingroom_climate");
		const open = this.sensor("livingroom_window").state.contact === false;
		const change = (this.plugs.radiator.on ? 0.08 : 0) - (open ? 0.2 : 0.03);
		room.report({ temperature: round(Number(room.state.temperature) + change) });
	}
}

function round(value: number): number {
	return Math.round(value * 100) / 100;
}
