/** Takes the fields out of a CONNECT that was checked. */

import type { QoS } from "../message";
import { headerLength } from "./fixed-header";
import { type PropertyValues, readProperties } from "./property-values";

export interface ConnectWill {
	readonly topic: string;
	readonly payload: Buffer;
	readonly qos: QoS;
	readonly retain: boolean;
	readonly properties: PropertyValues | undefined;
}

export interface ConnectPacket {
	readonly version: 3 | 4 | 5;
	/** A bridge, by the sign of Mosquitto's bridges: it gets the retain flag as published, and nothing of its own. */
	readonly bridge: boolean;
	/** Empty when the server is to choose one. */
	readonly clientId: string;
	/** Clean session in MQTT 3. */
	readonly cleanStart: boolean;
	/** Seconds; 0 is none. */
	readonly keepAlive: number;
	readonly properties: PropertyValues;
	readonly will: ConnectWill | undefined;
	readonly username: string | undefined;
	readonly password: Buffer | undefined;
}

export function decodeConnect(packet: Buffer): ConnectPacket {
	let at = headerLength(packet, 0, packet.length);
	const sized = (): Buffer => {
		const from = at + 2;
		at = from + packet.readUInt16BE(at);
		return packet.subarray(from, at);
	};
	sized();
	const level = packet[at] as number;
	const flags = packet[at + 1] as number;
	const keepAlive = packet.readUInt16BE(at + 2);
	at += 4;
	const version = (level & 0x7f) as 3 | 4 | 5;
	const section = (): PropertyValues | undefined => {
		if (version !== 5) return undefined;
		const { end, values } = readProperties(packet, at);
		at = end;
		return values;
	};
	const properties = section() ?? {};
	const clientId = sized().toString();
	const will = (flags & 0x04) === 0 ? undefined : readWill(flags, section(), sized);
	const username = (flags & 0x80) === 0 ? undefined : sized().toString();
	const password = (flags & 0x40) === 0 ? undefined : Buffer.from(sized());
	const bridge = level >= 0x80;
	const cleanStart = (flags & 0x02) !== 0;
	return { version, bridge, clientId, cleanStart, keepAlive, properties, will, username, password };
}

function readWill(flags: number, properties: PropertyValues | undefined, sized: () => Buffer): ConnectWill {
	const topic = sized().toString();
	const payload = Buffer.from(sized());
	return { topic, payload, qos: ((flags >> 3) & 3) as QoS, retain: (flags & 0x20) !== 0, properties };
}
