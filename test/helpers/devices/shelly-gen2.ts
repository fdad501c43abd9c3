/**
 * A Shelly of the second generation or newer with a switch and a cover.
 * https://shelly-api-docs.shelly.cloud/gen2/ComponentsAndServices/Mqtt (topics, the control interface),
 * .../gen2/General/RPCProtocol (request, response and notification frames), .../gen2/General/RPCChannels,
 * .../gen2/ComponentsAndServices/Switch and .../Cover.
 */

import { Device, jsonOf } from "./device";
import type { DevicePlace } from "./device-connection";

type Params = Record<string, unknown>;

export class ShellyGen2 extends Device {
	on = false;
	/** 0 is closed, 100 is open. */
	position = 100;
	/** Watts. */
	power = 0;
	/** The methods that were called, oldest first. */
	readonly calls: Array<{ readonly method: string; readonly params: Params }> = [];
	/** A device that hangs answers no request. */
	mute = false;

	/** @param prefix the topic prefix, by default its id: `shellyplus1-a8032ab12345` */
	constructor(prefix: string, place: DevicePlace) {
		const subscriptions = [`${prefix}/rpc`, `${prefix}/command`, `${prefix}/command/+`];
		super(prefix, place, { topic: `${prefix}/online`, payload: "false", retain: true }, subscriptions);
	}

	/** Somebody presses the wall switch. */
	press(): void {
		this.#set({ on: !this.on });
	}

	protected greet(): void {
		this.connection.publish(`${this.id}/online`, "true", { retain: true, qos: 1 });
		this.#tell("switch:0");
		this.#tell("cover:0");
	}

	protected obey(topic: string, text: string): void {
		if (topic === `${this.id}/rpc`) this.#rpc(text);
		else if (topic === `${this.id}/command` && text === "status_update") this.greet();
		else if (topic === `${this.id}/command/switch:0`) this.#switchCommand(text);
		else if (topic === `${this.id}/command/cover:0`) this.#coverCommand(text);
	}

	#rpc(text: string): void {
		const { id, src, method, params } = jsonOf(text) ?? {};
		if (typeof method !== "string" || this.mute) return;
		this.calls.push({ method, params: (params ?? {}) as Params });
		const result = this.#call(method, (params ?? {}) as Params);
		// Without `src` there is nowhere to answer to.
		if (typeof src !== "string") return;
		const outcome = result ? { result } : { error: { code: 404, message: `No handler for ${method}` } };
		this.connection.publish(`${src}/rpc`, { id, src: this.id, dst: src, ...outcome }, { qos: 1 });
	}

	#call(method: string, params: Params): object | undefined {
		switch (method) {
			case "Switch.Set": {
				const before = this.on;
				this.#set({ on: params.on === true });
				return { was_on: before };
			}
			case "Switch.Toggle": {
				const before = this.on;
				this.#set({ on: !before });
				return { was_on: before };
			}
			case "Switch.GetStatus":
				return this.#status("switch:0");
			case "Cover.GetStatus":
				return this.#status("cover:0");
			case "Cover.GoToPosition":
				this.#move(Number(params.pos));
				return {};
			default:
				return undefined;
		}
	}

	#switchCommand(text: string): void {
		if (text === "on" || text === "off") this.#set({ on: text === "on" });
		if (text === "toggle") this.#set({ on: !this.on });
		if (text === "status_update") this.#tell("switch:0");
	}

	#coverCommand(text: string): void {
		const [command, value] = text.split(",");
		if (command === "open") this.#move(100);
		if (command === "close") this.#move(0);
		if (command === "pos") this.#move(Number(value));
	}

	#set({ on }: { on: boolean }): void {
		this.on = on;
		this.#tell("switch:0");
	}

	#move(position: number): void {
		if (!(position >= 0 && position <= 100)) return;
		this.position = position;
		this.#tell("cover:0");
	}

	#status(component: "switch:0" | "cover:0"): object {
		if (component === "switch:0") return { id: 0, source: "MQTT", output: this.on, apower: this.on ? this.power : 0 };
		const state = this.position === 0 ? "closed" : this.position === 100 ? "open" : "stopped";
		return { id: 0, source: "MQTT", state, current_pos: this.position, pos_control: true };
	}

	/** With both settings on: RPC notifications, and the generic status. */
	#tell(component: "switch:0" | "cover:0"): void {
		const status = this.#status(component);
		const ts = this.connection.now.getTime() / 1000;
		const notification = {
			src: this.id,
			dst: `${this.id}/events`,
			method: "NotifyStatus",
			params: { ts, [component]: status },
		};
		this.connection.publish(`${this.id}/events/rpc`, notification, { qos: 1 });
		this.connection.publish(`${this.id}/status/${component}`, status, { qos: 1 });
	}
}
