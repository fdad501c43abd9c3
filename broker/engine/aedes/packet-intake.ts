/** What a client sends: cut into packets, counted and checked, and taken no faster than the client may send. */

import type { Duplex } from "node:stream";
import type { LimitOptions } from "../../limits";
import { PacketFramer, packetType, type WireProblem } from "../../wire";
import type { PacketCheck } from "../packet-check";
import { Rate } from "../rate";
import type { Traffic } from "../traffic";

/** Bytes that may wait for the engine before the socket is told to wait. */
const READ_AHEAD = 65_536;

export interface IntakeEvents {
	/** The client sends more than it may in a second, and has to wait. */
	slowed(): void;
	/** It need not wait any more. */
	goesOn(): void;
	/** A packet that breaks no rule. @param type the first four bits of it */
	checked(type: number): void;
	refuse(problem: WireProblem): void;
}

export class PacketIntake {
	readonly #connection: Duplex;
	readonly #framer: PacketFramer;
	readonly #packets: PacketCheck;
	readonly #traffic: Traffic;
	readonly #events: IntakeEvents;
	readonly #messageRate: Rate;
	readonly #byteRate: Rate;
	/** Runs while the client has sent too much in too short a time. */
	#slowTimer: NodeJS.Timeout | undefined;
	/** The packet after the one that ended a run. */
	#next: Buffer | undefined;
	#ended = false;

	constructor(connection: Duplex, limits: LimitOptions, packets: PacketCheck, traffic: Traffic, events: IntakeEvents) {
		this.#connection = connection;
		this.#framer = new PacketFramer(limits.packetSize);
		this.#packets = packets;
		this.#traffic = traffic;
		this.#events = events;
		this.#messageRate = new Rate(limits.messageRate);
		this.#byteRate = new Rate(limits.byteRate);
	}

	/** Has the client to wait in its turn? */
	get slow(): boolean {
		return this.#slowTimer !== undefined;
	}

	receive(chunk: Buffer): void {
		this.#traffic.bytesIn += chunk.length;
		this.#framer.push(chunk);
		this.#slowDown(this.#byteRate.add(chunk.length));
	}

	/** After what came was offered. @param engineIsBusy does it work on something else? */
	holdBack(engineIsBusy: boolean): void {
		const busy = engineIsBusy || this.#next !== undefined;
		if (this.#framer.buffered > READ_AHEAD && busy) this.#connection.pause();
	}

	/** The next packet. */
	take(): Buffer | undefined {
		if (this.#next) {
			const packet = this.#next;
			this.#next = undefined;
			return packet;
		}
		const packet = this.#framer.next();
		// Without a whole packet there is nothing to wait for: the rest of it must come in.
		const room = !packet || this.#framer.buffered <= READ_AHEAD;
		if (room && !this.slow && this.#connection.isPaused()) this.#connection.resume();
		const problem = packet ? this.#check(packet) : this.#framer.problem;
		if (!problem) return packet;
		this.#events.refuse(problem);
		return undefined;
	}

	/** For a packet whose turn has not come: it is taken again. */
	putBack(packet: Buffer): void {
		this.#next = packet;
	}

	end(): void {
		this.#ended = true;
		clearTimeout(this.#slowTimer);
	}

	#check(packet: Buffer): WireProblem | undefined {
		const type = (packet[0] as number) >> 4;
		this.#traffic.packetsIn++;
		if (type === packetType.publish) {
			this.#traffic.messagesIn++;
			this.#traffic.messageBytesIn += packet.length;
			this.#slowDown(this.#messageRate.add(1));
		}
		const problem = this.#packets.check(packet);
		if (!problem) this.#events.checked(type);
		return problem;
	}

	/** @param wait milliseconds in which nothing more is taken from the client */
	#slowDown(wait: number): void {
		if (wait === 0 || this.slow || this.#ended) return;
		this.#events.slowed();
		this.#connection.pause();
		this.#slowTimer = setTimeout(() => {
			this.#slowTimer = undefined;
			this.#events.goesOn();
		}, wait);
	}
}
