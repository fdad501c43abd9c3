/**
 * A plug with Tasmota that measures power.
 * Topics and payloads: https://tasmota.github.io/docs/MQTT/, https://tasmota.github.io/docs/Commands/ and
 * https://tasmota.github.io/docs/Energy-Monitoring/ (the ENERGY object of SENSOR).
 */

import { Device } from "./device";
import type { DevicePlace } from "./device-connection";

export class TasmotaPlug extends Device {
	on: boolean;
	/** Watts that the appliance takes while the plug is on. */
	load = 0;
	/** Kilowatt-hours. */
	total: number;
	#today = 0;
	#yesterday = 0;
	/** What arrived at `cmnd/.../POWER`, oldest first. */
	readonly commands: string[] = [];

	constructor(topic: string, place: DevicePlace, { on = true, total = 100 } = {}) {
		super(topic, place, { topic: `tele/${topic}/LWT`, payload: "Offline", retain: true }, [`cmnd/${topic}/#`]);
		this.on = on;
		this.total = total;
	}

	/** Watts now. */
	get power(): number {
		return this.on ? this.load : 0;
	}

	/** The appliance ran that long with the load that it has. */
	run(hours: number): void {
		const used = (this.power / 1000) * hours;
		this.total += used;
		this.#today += used;
	}

	/** Midnight in the plug: what was today is yesterday. */
	nextDay(): void {
		this.#yesterday = this.#today;
		this.#today = 0;
	}

	/** What the plug sends every TelePeriod. */
	tele(): void {
		const state = { Time: this.#time, POWER: this.#power, Wifi: { RSSI: 72, Signal: -64 } };
		this.connection.publish(`tele/${this.id}/STATE`, state);
		this.connection.publish(`tele/${this.id}/SENSOR`, this.#sensor());
	}

	get #time(): string {
		return this.connection.now.toISOString().slice(0, 19);
	}

	#sensor(): object {
		const ENERGY = {
			TotalStartTime: "2026-01-01T00:00:00",
			Total: round(this.total),
			Yesterday: round(this.#yesterday),
			Today: round(this.#today),
			Power: Math.round(this.power),
			Voltage: 231,
			Current: round(this.power / 231),
		};
		return { Time: this.#time, ENERGY };
	}

	/** Somebody presses the button of the plug. */
	press(): void {
		this.#switch(!this.on);
	}

	protected greet(): void {
		this.connection.publish(`tele/${this.id}/LWT`, "Online", { retain: true });
		this.tele();
	}

	protected obey(topic: string, text: string): void {
		if (topic === `cmnd/${this.id}/STATUS` && text === "10") {
			this.connection.publish(`stat/${this.id}/STATUS10`, { StatusSNS: this.#sensor() });
			return;
		}
		if (topic !== `cmnd/${this.id}/POWER`) return;
		this.commands.push(text);
		const wish = text.toUpperCase();
		// An empty payload asks for the state.
		if (wish === "ON" || wish === "1") this.#switch(true);
		else if (wish === "OFF" || wish === "0") this.#switch(false);
		else if (wish === "TOGGLE" || wish === "2") this.#switch(!this.on);
		else this.#tellPower();
	}

	get #power(): "ON" | "OFF" {
		return this.on ? "ON" : "OFF";
	}

	#switch(on: boolean): void {
		this.on = on;
		this.#tellPower();
	}

	#tellPower(): void {
		this.connection.publish(`stat/${this.id}/RESULT`, { POWER: this.#power });
		this.connection.publish(`stat/${this.id}/POWER`, this.#power);
	}
}

function round(value: number): number {
	return Math.round(value * 1000) / 1000;
}
