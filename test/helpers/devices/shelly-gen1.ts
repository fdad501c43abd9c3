/**
 * A first generation Shelly with a relay and a roller shutter.
 * Topics and payloads: https://shelly-api-docs.shelly.cloud/gen1/#mqtt-support (relay of Shelly1, roller of Shelly2.5).
 */

import { Device } from "./device";
import type { DevicePlace } from "./device-connection";

export class ShellyGen1 extends Device {
	relay = false;
	/** 0 is closed, 100 is open. */
	position = 100;
	readonly commands: Array<{ readonly topic: string; readonly text: string }> = [];

	/** @param id as the device names itself: `shelly1-AABBCC` */
	constructor(id: string, place: DevicePlace) {
		const base = `shellies/${id}`;
		const will = { topic: `${base}/online`, payload: "false", retain: true };
		super(id, place, will, ["shellies/command", `${base}/command`, `${base}/+/+/command`, `${base}/+/+/command/pos`]);
	}

	/** Somebody presses the wall switch. */
	press(): void {
		this.#switch(!this.relay);
	}

	protected greet(): void {
		this.#publish("online", "true", true);
		this.#announce();
		this.#tellRelay();
		this.#tellRoller("stop");
	}

	protected obey(topic: string, text: string): void {
		this.commands.push({ topic, text });
		const part = topic.replace(`shellies/${this.id}/`, "").replace("shellies/", "");
		if (part === "command") this.#common(text);
		else if (part === "relay/0/command") this.#relay(text);
		else if (part === "roller/0/command") this.#roller(text);
		else if (part === "roller/0/command/pos") this.#move(Number(text));
	}

	#common(text: string): void {
		if (text === "announce") this.#announce();
		if (text === "update") this.greet();
	}

	#relay(text: string): void {
		if (text === "on") this.#switch(true);
		if (text === "off") this.#switch(false);
		if (text === "toggle") this.#switch(!this.relay);
	}

	#roller(text: string): void {
		if (text === "open") this.#move(100);
		if (text === "close") this.#move(0);
		if (text === "stop") this.#tellRoller("stop");
	}

	/** A simulated motor is there at once; what it says on the way is the same. */
	#move(position: number): void {
		if (!(position >= 0 && position <= 100)) return;
		this.#publish("roller/0", position > this.position ? "open" : "close");
		this.position = position;
		this.#tellRoller("stop");
	}

	#switch(on: boolean): void {
		this.relay = on;
		this.#tellRelay();
	}

	#tellRelay(): void {
		this.#publish("relay/0", this.relay ? "on" : "off");
	}

	#tellRoller(state: string): void {
		this.#publish("roller/0", state);
		this.#publish("roller/0/pos", String(this.position));
	}

	#announce(): void {
		const about = { id: this.id, mac: "A4CF12AABBCC", ip: "192.168.1.31", new_fw: false, fw_ver: "20230913-112003" };
		this.connection.publish("shellies/announce", about, { qos: 1 });
	}

	#publish(topic: string, payload: string, retain = false): void {
		this.connection.publish(`shellies/${this.id}/${topic}`, payload, { retain, qos: 1 });
	}
}
