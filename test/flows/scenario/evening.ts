/** What happens in the house from 19:30 to half past midnight: minute -> what somebody or something does. */

import type { HomeWatch } from "../../helpers/home-watch";
import type { House } from "./house";

export type Stories = Readonly<Record<number, (house: House, home: HomeWatch) => void | Promise<void>>>;

/** Minutes in which nobody is at home. */
export const away = { from: 60, to: 149 } as const;

/** Several things may happen in one minute. */
export function evening(): Map<number, Array<Stories[number]>> {
	const all = new Map<number, Array<Stories[number]>>();
	for (const stories of [people, doors, water, appliances, heating, wellbeing]) {
		for (const [minute, story] of Object.entries(stories)) {
			all.set(Number(minute), [...(all.get(Number(minute)) ?? []), story]);
		}
	}
	return all;
}

const people: Stories = {
	0: (_house, home) => home.publish("home/phones/anna", "home", { retain: true }),
	60: (house, home) => {
		house.sensor("front_door").report({ contact: false });
		house.sensor("front_door").report({ contact: true });
		return home.publish("home/phones/anna", "not_home", { retain: true });
	},
	150: (_house, home) => home.publish("home/phones/anna", "home", { retain: true }),
	// Nobody is in the hall any more at the end.
	290: (house) => {
		house.sensor("hall_motion").report({ occupancy: true, illuminance: 2 });
		house.sensor("hall_motion").report({ occupancy: false });
	},
};

const doors: Stories = {
	30: (house) => house.sensor("garage_door").report({ contact: false }),
	// The contact repeats itself: that does not make the time longer.
	35: (house) => house.sensor("garage_door").report(),
	55: (house) => house.sensor("garage_door").report({ contact: true }),
	210: (house) => house.sensor("attic_window").report({ contact: false }),
	218: (house) => house.sensor("attic_window").report({ contact: true }),
};

const water: Stories = {
	100: (house) => {
		house.sensor("main_valve").jammed = true;
		house.sensor("bath_leak").report({ water_leak: true });
	},
	101: (house) => {
		house.sensor("main_valve").jammed = false;
	},
	103: (house) => house.sensor("bath_leak").report({ water_leak: false }),
	110: (_house, home) => home.publish("home/water/set", "open"),
	170: (house) => house.sensor("kitchen_leak").report({ water_leak: true }),
};

/** Watts of the washing machine from that minute on: two programs, with a pause in the first one. */
const washer: ReadonlyArray<readonly [minute: number, watts: number]> = [
	[40, 1900],
	[60, 200],
	[90, 2],
	[92, 200],
	[128, 2],
	[190, 1900],
	[215, 2],
];

const appliances: Stories = {
	...Object.fromEntries(washer.map(([minute, watts]) => [minute, (house: House) => load(house, watts)])),
	50: (_house, home) => home.publish("home/pump/set", "on"),
	70: (house) => {
		house.plugs.heater.load = 2400;
	},
	75: (house) => {
		house.plugs.heater.load = 900;
	},
	105: (_house, home) => home.publish("home/boiler/set", "on"),
	// The restart in minute 200 finds the pump running.
	195: (_house, home) => home.publish("home/pump/set", "on"),
	212: (_house, home) => home.publish("home/boiler/set", "off"),
	250: (house) => house.homeAssistant.command("cellar/heater", "ON"),
};

function load(house: House, watts: number): void {
	house.plugs.washer.load = watts;
}

const heating: Stories = {
	5: (_house, home) => home.publish("home/climate/set", { mode: "heat", target: 21.5 }, { retain: true }),
	20: (house) => house.sensor("livingroom_window").report({ contact: false }),
	28: (house) => house.sensor("livingroom_window").report({ contact: true }),
	240: (house) => house.sensor("bedroom_window").report({ contact: false }),
	246: (house) => house.sensor("bedroom_window").report({ contact: true }),
};

const wellbeing: Stories = {
	58: (house) => house.zigbee.setAvailable(house.sensor("attic_climate"), false),
	160: (house) => house.sensor("garden_sensor").report({ battery: 10 }),
	220: (house) => {
		house.plugs.lamp.load = 0;
		return house.plugs.lamp.connection.vanish();
	},
};
