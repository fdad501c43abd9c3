/**
 * An ESPHome node with a climate component.
 * https://esphome.io/components/mqtt/ (status topic, `<prefix>/<component>/<name>/state|command`) and
 * https://esphome.io/components/climate/ (sub-topics `mode`, `action`, `current_temperature`, `target_temperature`).
 */

import { Device } from "./device";
import type { DevicePlace } from "./device-connection";

const modes = ["off", "heat", "cool", "heat_cool", "auto", "dry", "fan_only"];

export class EspHomeClimate extends Device {
	mode = "off";
	/** Degrees Celsius. */
	target = 21;
	current = 21;
	readonly #base: string;
	readonly commands: Array<{ readonly topic: string; readonly text: string }> = [];

	constructor(node: string, component: string, place: DevicePlace) {
		const base = `${node}/climate/${component}`;
		super(node, place, { topic: `${node}/status`, payload: "offline", retain: true }, [`${base}/+/command`]);
		this.#base = base;
	}

	/** The sensor measured something. */
	measure(current: number): void {
		this.current = current;
		this.#tell();
	}

	protected greet(): void {
		this.connection.publish(`${this.id}/status`, "online", { retain: true });
		this.#tell();
	}

	protected obey(topic: string, text: string): void {
		this.commands.push({ topic, text });
		if (topic === `${this.#base}/mode/command` && modes.includes(text.toLowerCase())) this.mode = text.toLowerCase();
		else if (topic === `${this.#base}/target_temperature/command` && Number.isFinite(Number(text)))
			this.target = Number(text);
		else return;
		this.#tell();
	}

	/** ESPHome retains states by default. */
	#tell(): void {
		const states = {
			mode: this.mode,
			action: this.#action,
			current_temperature: this.current.toFixed(1),
			target_temperature: this.target.toFixed(1),
		};
		for (const [name, value] of Object.entries(states)) {
			this.connection.publish(`${this.#base}/${name}/state`, value, { retain: true });
		}
	}

	get #action(): string {
		if (this.mode === "off") return "off";
		if (this.mode === "heat" && this.current < this.target) return "heating";
		if (this.mode === "cool" && this.current > this.target) return "cooling";
		return "idle";
	}
}
