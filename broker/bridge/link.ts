/**
 * One connection to another broker: sends CONNECT, keeps alive, and hands packets on. Not MQTT.js: a bridge must
 * acknowledge a message when this broker has it and not before, keeps what is under way in a store that outlives the
 * process, and tells brokers before MQTT 5 that it is a bridge.
 */

import type { Duplex } from "node:stream";
import { generate, type IConnackPacket, type IConnectPacket, type Packet, type Parser, parser } from "mqtt-packet";
import type { Message } from "../message";

export interface LinkOptions {
	readonly clientId: string;
	/** 3 is MQTT 3.1, 4 is 3.1.1. */
	readonly version: 3 | 4 | 5;
	/** Before MQTT 5: Mosquitto's sign that this is a bridge. */
	readonly bridgeBit: boolean;
	readonly clean: boolean;
	/** Seconds; 0 for never. */
	readonly keepalive: number;
	readonly user: string | undefined;
	readonly password: string | undefined;
	/** MQTT 5: seconds. */
	readonly sessionExpiry: number;
	/** MQTT 5: messages with QoS 1 and 2 that the other broker may have under way. */
	readonly receiveMaximum: number;
	/** Bytes of a packet from the other broker. */
	readonly maximumPacketSize: number;
	/** MQTT 5. */
	readonly userProperties: Record<string, string | string[]> | undefined;
	readonly will: Message | undefined;
	/** Milliseconds until the other broker has to have answered. */
	readonly connectTimeout: number;
}

/** Why a connection ended, or did not come about. */
export interface LinkEnd {
	/** It had come about. */
	readonly connected: boolean;
	/** What the other broker gave as reason: a code of CONNACK or DISCONNECT, and a text. */
	readonly code?: number;
	readonly reason?: string;
	readonly error?: Error;
}

export interface LinkEvents {
	/** CONNACK without a refusal. */
	connected(connack: IConnackPacket): void;
	/** Everything behind CONNACK. */
	packet(packet: Packet): void;
	/** There is room again for what is not urgent. */
	drained(): void;
	/** Once. */
	ended(end: LinkEnd): void;
}

/** Bytes that wait in the process above which nothing is added that can wait. */
const MOST_WAITING = 262_144;
/** Milliseconds that a broker gets to close the connection after DISCONNECT. */
const FAREWELL = 1_000;

/** More comes than can be published, than can be promised, or than the other broker takes answers to. */
export type Hold = "crowded" | "promises" | "answers";

export class Link {
	readonly #stream: Duplex;
	readonly #options: LinkOptions;
	readonly #events: LinkEvents;
	readonly #parser: Parser;
	#connected = false;
	#end: Omit<LinkEnd, "connected"> = {};
	#isOver = false;
	#timer: NodeJS.Timeout | undefined;
	/** Something was sent, or came, since the timer looked last. */
	#sent = false;
	#heard = false;
	#corked = false;
	/** Why it does not read now. */
	readonly #holds = new Set<Hold>();

	/** @param stream may be written to at once; opens by itself */
	constructor(stream: Duplex, options: LinkOptions, events: LinkEvents) {
		this.#stream = stream;
		this.#options = options;
		this.#events = events;
		this.#parser = parser({ protocolVersion: options.version });
	}

	/** Sends CONNECT. */
	open(): void {
		this.#parser.on("packet", (packet) => this.#received(packet));
		this.#parser.on("error", (error: Error) => this.destroy(error));
		this.#stream.on("data", (chunk: Buffer) => this.#read(chunk));
		this.#stream.on("drain", () => {
			this.hold("answers", false);
			this.#events.drained();
		});
		this.#stream.on("error", (error) => this.#note({ error }));
		this.#stream.on("close", () => this.#over());
		this.#stream.on("end", () => this.#stream.destroy());
		const late = Object.assign(new Error("connack timeout"), { code: undefined });
		this.#timer = setTimeout(() => this.destroy(late), this.#options.connectTimeout);
		this.send(this.#connectPacket());
	}

	/** What can wait had better wait. */
	get isBusy(): boolean {
		return this.#stream.writableLength > MOST_WAITING;
	}

	/** What is sent in one turn of the event loop leaves in one write. */
	send(packet: Packet): void {
		if (this.#isOver || this.#stream.destroyed) return;
		if (!this.#corked) {
			this.#corked = true;
			this.#stream.cork();
			setImmediate(() => {
				this.#corked = false;
				this.#stream.uncork();
			});
		}
		this.#sent = true;
		this.#stream.write(generate(packet, { protocolVersion: this.#options.version }));
	}

	/** Stops reading, until no reason is left. */
	hold(reason: Hold, isHeld: boolean): void {
		if (this.#holds.has(reason) === isHeld) return;
		if (isHeld) this.#holds.add(reason);
		else this.#holds.delete(reason);
		if (this.#holds.size > 0) this.#stream.pause();
		else this.#stream.resume();
	}

	/** Takes leave: no will then. */
	close(): void {
		if (this.#isOver) return;
		if (!this.#connected) {
			this.destroy();
			return;
		}
		this.send({ cmd: "disconnect", ...(this.#options.version === 5 && { reasonCode: 0 }) });
		setImmediate(() => this.#stream.end());
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => this.#stream.destroy(), FAREWELL);
	}

	/** Cuts the connection. */
	destroy(error?: Error): void {
		if (error) this.#note({ error });
		this.#stream.destroy();
	}

	#connectPacket(): IConnectPacket {
		const { clientId, version, bridgeBit, clean, keepalive, user, password, will } = this.#options;
		const packet: IConnectPacket & { bridgeMode?: boolean } = {
			cmd: "connect",
			protocolId: version === 3 ? "MQIsdp" : "MQTT",
			protocolVersion: version,
			clean,
			clientId,
			keepalive,
		};
		if (bridgeBit && version < 5) packet.bridgeMode = true;
		if (user !== undefined) packet.username = user;
		if (password !== undefined) packet.password = Buffer.from(password);
		if (will) packet.will = { topic: will.topic, payload: will.payload, qos: will.qos, retain: will.retain };
		if (version === 5) packet.properties = this.#connectProperties();
		return packet;
	}

	#connectProperties(): NonNullable<IConnectPacket["properties"]> {
		const { sessionExpiry, receiveMaximum, maximumPacketSize, userProperties } = this.#options;
		return {
			sessionExpiryInterval: sessionExpiry,
			receiveMaximum,
			maximumPacketSize,
			...(userProperties && { userProperties }),
		};
	}

	#read(chunk: Buffer): void {
		this.#heard = true;
		try {
			const waiting = this.#parser.parse(chunk);
			if (this.isBusy) this.hold("answers", true);
			if (waiting <= this.#options.maximumPacketSize + 5) return;
			this.destroy(new Error(`a packet is larger than ${this.#options.maximumPacketSize} bytes`));
		} catch (error) {
			// Of the parser: what comes is no MQTT.
			this.destroy(error as Error);
		}
	}

	#received(packet: Packet): void {
		if (this.#isOver) return;
		if (!this.#connected) this.#answered(packet);
		else if (packet.cmd === "disconnect") {
			const { reasonCode = 0, properties } = packet;
			if (reasonCode >= 128) this.#note({ code: reasonCode, reason: properties?.reasonString });
		} else this.#events.packet(packet);
	}

	#answered(packet: Packet): void {
		if (packet.cmd !== "connack") {
			this.destroy(new Error("the answer to CONNECT is not CONNACK"));
			return;
		}
		// An older broker refuses MQTT 5 with the CONNACK that it knows.
		const code = packet.reasonCode || packet.returnCode || 0;
		if (code !== 0) {
			this.#note({ code, reason: packet.properties?.reasonString });
			this.destroy();
			return;
		}
		this.#connected = true;
		this.#keepAlive(packet.properties?.serverKeepAlive ?? this.#options.keepalive);
		this.#events.connected(packet);
	}

	/** Two looks in each interval: PINGREQ leaves in time, and silence is noticed within one and a half. */
	#keepAlive(seconds: number): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		if (seconds === 0) return;
		let quiet = 0;
		this.#timer = setInterval(() => {
			quiet = this.#heard ? 0 : quiet + 1;
			if (quiet >= 3) {
				this.destroy(new Error("Keepalive timeout"));
				return;
			}
			if (!this.#sent || quiet > 0) this.send({ cmd: "pingreq" });
			this.#sent = false;
			this.#heard = false;
		}, seconds * 500);
	}

	/** The first thing that went wrong is the reason. */
	#note({ code, reason, error }: { code?: number; reason?: string | undefined; error?: Error }): void {
		if (this.#end.code !== undefined || this.#end.error) return;
		this.#end = {
			...(code !== undefined && { code }),
			...(reason !== undefined && { reason }),
			...(error && { error }),
		};
	}

	#over(): void {
		if (this.#isOver) return;
		this.#isOver = true;
		clearTimeout(this.#timer);
		this.#events.ended({ connected: this.#connected, ...this.#end });
	}
}
