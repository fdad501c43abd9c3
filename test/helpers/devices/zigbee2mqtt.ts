/**
 * Zigbee2MQTT: one MQTT client that speaks for many Zigbee devices.
 * Topics and payloads: https://www.zigbee2mqtt.io/guide/usage/mqtt_topics_and_messages.html and
 * https://www.zigbee2mqtt.io/guide/configuration/device-availability.html
 */

import { Device, jsonOf } from "./device";
import type { DevicePlace } from "./device-connection";

/** What a Zigbee device reports, under the names of its "exposes". */
export type ZigbeeState = Record<string, string | number | boolean>;

export interface ZigbeeModel {
	readonly model: string;
	readonly state: ZigbeeState;
	/** Which properties `/set` can change. */
	readonly settable?: readonly string[];
}

/** The kinds of device that the example flows use. */
export const zigbeeModels = {
	motion: { model: "RTCGQ11LM", state: { occupancy: false, illuminance: 5, battery: 96, linkquality: 120 } },
	contact: { model: "MCCGQ11LM", state: { contact: true, battery: 91, linkquality: 104 } },
	climate: { model: "WSDCGQ11LM", state: { temperature: 20.5, humidity: 48, battery: 88, linkquality: 96 } },
	leak: { model: "SJCGQ11LM", state: { water_leak: false, battery: 100, linkquality: 88 } },
	bulb: { model: "LED1545G12", state: { state: "OFF", brightness: 254 }, settable: ["state", "brightness"] },
	plug: { model: "TS011F", state: { state: "ON", power: 0, energy: 0 }, settable: ["state"] },
	valve: { model: "TS0001_valve", state: { state: "ON" }, settable: ["state"] },
} as const satisfies Record<string, ZigbeeModel>;

/** One Zigbee device behind the bridge. */
export class ZigbeeDevice {
	readonly name: string;
	readonly model: string;
	readonly state: ZigbeeState;
	readonly #settable: ReadonlySet<string>;
	readonly #tell: () => void;
	/** A device that is jammed takes no commands. */
	jammed = false;
	/** What arrived at `/set`, oldest first. */
	readonly commands: ZigbeeState[] = [];

	constructor(name: string, { model, state, settable = [] }: ZigbeeModel, tell: () => void) {
		this.name = name;
		this.model = model;
		this.state = { ...state };
		this.#settable = new Set(settable);
		this.#tell = tell;
	}

	/** Something was measured, or happened. */
	report(change: ZigbeeState = {}): void {
		Object.assign(this.state, change);
		this.#tell();
	}

	set(command: ZigbeeState): void {
		this.commands.push(command);
		if (this.jammed) return;
		for (const [property, value] of Object.entries(command)) {
			if (!this.#settable.has(property)) continue;
			const toggled = value === "TOGGLE" ? (this.state[property] === "ON" ? "OFF" : "ON") : value;
			this.state[property] = toggled;
		}
		this.#tell();
	}
}

export class Zigbee2Mqtt extends Device {
	readonly base: string;
	readonly #devices = new Map<string, ZigbeeDevice>();
	readonly #offline = new Set<string>();

	constructor(place: DevicePlace, base = "zigbee2mqtt") {
		// Availability and bridge/state are JSON since version 2.0.
		const will = { topic: `${base}/bridge/state`, payload: '{"state":"offline"}', retain: true };
		super(`${base}_bridge`, place, will, [`${base}/#`]);
		this.base = base;
	}

	/** @param name the friendly name; may contain slashes */
	add(name: string, model: ZigbeeModel): ZigbeeDevice {
		const device = new ZigbeeDevice(name, model, () => this.#tell(device));
		this.#devices.set(name, device);
		if (this.connection.ready) this.#introduce(device);
		return device;
	}

	get devices(): readonly ZigbeeDevice[] {
		return [...this.#devices.values()];
	}

	/** A device answers no more, or again; Zigbee2MQTT finds out and tells. */
	setAvailable(device: ZigbeeDevice, available: boolean): void {
		if (available) this.#offline.delete(device.name);
		else this.#offline.add(device.name);
		this.#tellAvailability(device);
	}

	protected greet(): void {
		this.#publish("bridge/state", { state: "online" }, true);
		this.#publish("bridge/info", { version: "2.6.0", config: { mqtt: { base_topic: this.base } } }, true);
		const list = this.devices.map(({ name, model }) => ({
			friendly_name: name,
			type: "EndDevice",
			definition: { model },
		}));
		this.#publish("bridge/devices", list, true);
		// The setting `cache_state_send_on_startup`, which is on by default.
		for (const device of this.devices) this.#introduce(device);
	}

	protected obey(topic: string, text: string): void {
		const rest = topic.slice(this.base.length + 1);
		const asked = "bridge/request/";
		if (rest.startsWith(asked)) this.#answer(rest.slice(asked.length), text);
		for (const device of this.devices) {
			if (rest === `${device.name}/set`) {
				const command = jsonOf(text) ?? (/^(ON|OFF|TOGGLE)$/i.test(text) ? { state: text.toUpperCase() } : undefined);
				if (command) device.set(command as ZigbeeState);
			} else if (rest === `${device.name}/set/state`) {
				device.set({ state: text });
			} else if (rest === `${device.name}/get`) {
				this.#tell(device);
			}
		}
	}

	#introduce(device: ZigbeeDevice): void {
		this.#tellAvailability(device);
		this.#tell(device);
	}

	#tellAvailability(device: ZigbeeDevice): void {
		const state = this.#offline.has(device.name) ? "offline" : "online";
		this.#publish(`${device.name}/availability`, { state }, true);
	}

	#tell(device: ZigbeeDevice): void {
		if (!this.#offline.has(device.name)) this.#publish(device.name, device.state);
	}

	#answer(what: string, text: string): void {
		const request = jsonOf(text) ?? {};
		const { transaction } = request;
		const data = what === "health_check" ? { healthy: true } : request;
		const known = what === "health_check" || what === "permit_join" || what === "restart";
		const answer = known ? { data, status: "ok" } : { data: {}, status: "error", error: `Unknown request '${what}'` };
		this.#publish(`bridge/response/${what}`, { ...answer, ...(transaction !== undefined && { transaction }) });
	}

	#publish(topic: string, payload: unknown, retain = false): void {
		this.connection.publish(`${this.base}/${topic}`, payload, { retain, qos: 1 });
	}
}
