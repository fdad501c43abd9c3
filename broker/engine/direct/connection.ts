/**
 * One connection: cuts what the client sends into packets, refuses what MQTT forbids, and hands packets on one by one, as
 * fast as the limits allow.
 */

import type { Duplex } from "node:stream";
import type { LimitOptions } from "../../limits";
import { encodeDisconnect, PacketFramer, packetType, type WireProblem } from "../../wire";
import type { Peer } from "../engine";
import { closeSoon, lastPacket } from "../last-packet";
import { PacketCheck } from "../packet-check";
import { Rate } from "../rate";
import { Traffic } from "../traffic";
import type { Flusher } from "./flusher";
import { Outgoing } from "./outgoing";

/** Packets that are handled in one turn of the event loop before others get their turn. */
const PACKETS_A_TURN = 512;
/** Bytes that may wait to be handled before the socket is told to wait. */
const READ_AHEAD = 65_536;

const SLOW: WireProblem = { reasonCode: 0x97, text: "reads too slowly: too many bytes wait for it" };

const FAULT: WireProblem = { reasonCode: 0x80, text: "met a fault of the broker" };

/** Who gets the packets. */
export interface PacketHandler {
	/** A whole packet that breaks no rule of the wire. */
	packet(packet: Buffer): void;
	/** The client has read what it was sent. */
	roomy(): void;
	/** It sends more than it may in a second, and has to wait. */
	slowed?(): void;
	/** The client reads no more; what it sent before is still to come. */
	lost(): void;
	/** Called once, at the end. */
	ended(): void;
	/** Something went wrong inside the broker while it worked for this client. */
	fault(error: Error): void;
}

export class Connection {
	readonly traffic = new Traffic();
	readonly out: Outgoing;
	/** The largest packet that the client takes, in bytes. */
	largest = Number.POSITIVE_INFINITY;
	/** Seconds since the client was heard last; the keep-alive watch counts them. */
	quiet = 0;
	/** CONNECT was granted: a last packet is a DISCONNECT. */
	loggedIn = false;
	#handler: PacketHandler | undefined;
	readonly #framer: PacketFramer;
	readonly #packets: PacketCheck;
	readonly #messageRate: Rate;
	readonly #byteRate: Rate;
	#slowTimer: NodeJS.Timeout | undefined;
	/** For how many reasons packets have to wait. */
	#holds = 0;
	#handling = false;
	#turn: NodeJS.Immediate | undefined;
	#closed = false;
	/** The client has gone; what it sent before still counts. */
	#lostReason: string | undefined;
	#reason: string | undefined;

	constructor(
		readonly stream: Duplex,
		readonly peer: Peer,
		limits: LimitOptions,
		flusher: Flusher,
	) {
		this.#framer = new PacketFramer(limits.packetSize);
		this.#packets = new PacketCheck(limits, peer.protocolVersions, true);
		this.#messageRate = new Rate(limits.messageRate);
		this.#byteRate = new Rate(limits.byteRate);
		this.out = new Outgoing(
			stream,
			limits.clientBuffer,
			flusher,
			this.traffic,
			() => this.refuseSlow(),
			() => this.#handler?.roomy(),
		);
	}

	/** Starts to read. */
	start(handler: PacketHandler): void {
		this.#handler = handler;
		this.stream.on("data", (chunk: Buffer) => this.#receive(chunk));
		this.stream.on("end", () => this.#lost("the client closed the connection"));
		this.stream.on("close", () => this.#lost("the connection was lost"));
		this.stream.on("error", (error: Error) => this.#lost(`the connection was lost (${error.message})`));
	}

	/** From CONNECT; undefined before it, and when it named none that is known. */
	get version(): 3 | 4 | 5 | undefined {
		return this.#packets.version;
	}

	get closed(): boolean {
		return this.#closed;
	}

	/** Why it ended, in words for people. */
	get endReason(): string {
		return this.#reason ?? "the broker closed the connection";
	}

	/** Passes packets to somebody else from the next one on. */
	handOver(handler: PacketHandler): void {
		this.#handler = handler;
	}

	/** Packets wait until {@link Connection.release} was called as often. */
	hold(): void {
		this.#holds++;
	}

	release(): void {
		this.#holds--;
		this.#work();
	}

	/** Ends it for breaking a rule, with a packet that says why where MQTT has one. */
	refuse(problem: WireProblem): void {
		const last = this.loggedIn
			? this.lastDisconnect(problem.reasonCode, problem.text)
			: lastPacket(problem, this.version, false);
		this.close(problem.text, last);
	}

	/** A DISCONNECT for a client that is logged in; undefined before MQTT 5, which has none. */
	lastDisconnect(reasonCode: number, reason: string): Buffer | undefined {
		if (this.version !== 5) return undefined;
		const packet = encodeDisconnect(reasonCode, { reasonString: reason });
		// [MQTT-3.14.2-3]
		return packet.length <= this.largest ? packet : encodeDisconnect(reasonCode);
	}

	/** The client does not read, and nothing more can be kept for it. */
	refuseSlow(): void {
		this.refuse(SLOW);
	}

	/** @param last the last packet for the client */
	close(reason: string, last?: Buffer): void {
		if (this.#closed) return;
		this.#reason = reason;
		this.#closed = true;
		clearTimeout(this.#slowTimer);
		clearImmediate(this.#turn);
		// Past any limit: there is nothing behind it.
		if (last) this.out.writeLast(last);
		this.out.close();
		closeSoon(this.stream);
		this.#handler?.ended();
	}

	#receive(chunk: Buffer): void {
		if (this.#closed) return;
		this.quiet = 0;
		this.traffic.bytesIn += chunk.length;
		this.#framer.push(chunk);
		this.#slowDown(this.#byteRate.add(chunk.length));
		this.#work();
	}

	#work(): void {
		if (this.#handling || this.#turn || this.#closed) return;
		this.#handling = true;
		try {
			this.#handlePackets();
		} catch (error) {
			// It costs this client its connection, and nobody else anything.
			this.#handler?.fault(error as Error);
			this.refuse(FAULT);
		} finally {
			this.#handling = false;
		}
		if (this.#closed) return;
		const waits = this.#holds > 0 || this.#turn !== undefined;
		if (!waits && this.#lostReason !== undefined) this.close(this.#lostReason);
		else if (waits && this.#framer.buffered > READ_AHEAD) this.stream.pause();
		else if (!this.#slowTimer && this.stream.isPaused()) this.stream.resume();
	}

	#handlePackets(): void {
		for (let count = 0; this.#holds === 0 && !this.#closed; count++) {
			if (count === PACKETS_A_TURN) {
				this.#turn = setImmediate(() => {
					this.#turn = undefined;
					this.#work();
				});
				return;
			}
			const packet = this.#framer.next();
			const problem = packet ? this.#check(packet) : this.#framer.problem;
			if (problem) this.refuse(problem);
			if (!packet || problem) return;
			this.#handler?.packet(packet);
		}
	}

	#check(packet: Buffer): WireProblem | undefined {
		this.traffic.packetsIn++;
		if ((packet[0] as number) >> 4 === packetType.publish) {
			this.traffic.messagesIn++;
			this.traffic.messageBytesIn += packet.length;
			this.#slowDown(this.#messageRate.add(1));
		}
		return this.#packets.check(packet);
	}

	/** @param wait milliseconds in which nothing more is taken from the client */
	#slowDown(wait: number): void {
		if (wait === 0 || this.#slowTimer || this.#closed) return;
		this.#handler?.slowed?.();
		this.stream.pause();
		this.hold();
		this.#slowTimer = setTimeout(() => {
			this.#slowTimer = undefined;
			this.release();
		}, wait);
	}

	#lost(reason: string): void {
		if (this.#lostReason !== undefined || this.#closed) return;
		this.#lostReason = reason;
		this.#handler?.lost();
		this.#work();
	}
}
