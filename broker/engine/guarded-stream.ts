/**
 * The stream that an engine is handed in place of a socket. It cuts what a client sends into packets, refuses what
 * MQTT forbids, hands packets over only when the engine is done with those before, and writes in batches.
 */

import { Duplex } from "node:stream";
import mqtt from "mqtt-packet";
import type { LimitOptions } from "../limits";
import { checkConnect, checkPacket, connackCode, PacketFramer, type WireProblem } from "../wire";
import { Outbox } from "./outbox";

const CONNECT = 1;
const PUBLISH = 3;
const DISCONNECT = 14;

/** How many PUBLISH packets the engine may work on side by side; everything else goes one by one. */
const PUBLISH_RUN = 64;
/** How many packets are handed over in one turn of the event loop before others get their turn. */
const PACKETS_A_TURN = 256;
/** Bytes that may wait for the engine before the socket is told to wait. */
const READ_AHEAD = 65_536;
/** Milliseconds that a client gets to read its last packets before the socket is destroyed. */
const LAST_WORDS = 1_000;

const SLOW: WireProblem = { reasonCode: 0x97, text: "reads too slowly: too many bytes wait for it" };
const SILENT: WireProblem = { reasonCode: 0x8d, text: "sent nothing for one and a half times its keep alive" };
const SECOND_CONNECT: WireProblem = { reasonCode: 0x82, text: "sent a second CONNECT [MQTT-3.1.0-2]" };

export interface GuardEvents {
	/** A QoS 0 message was dropped because the client reads too slowly. */
	dropped(): void;
}

export class GuardedStream extends Duplex {
	readonly #connection: Duplex;
	readonly #framer: PacketFramer;
	readonly #outbox: Outbox;
	readonly #limits: LimitOptions;
	readonly #connectTimer: NodeJS.Timeout;
	/** The packet after the one that ended a run. */
	#next: Buffer | undefined;
	#connectSeen = false;
	#version: 3 | 4 | 5 | undefined;
	/** The engine works on CONNECT: what came behind it waits. */
	#held = false;
	/** The engine asked and got nothing. */
	#engineWaits = true;
	/** The engine is inside the parser with what `read` gave it. */
	#parsing = false;
	#handedThisTurn = 0;
	#turnScheduled = false;
	#loggedIn = false;
	/** The connection is gone, and why; what it sent before still counts. */
	#lostReason: string | undefined;
	#reason: string | undefined;

	constructor(connection: Duplex, limits: LimitOptions, events: GuardEvents) {
		super({ allowHalfOpen: false });
		this.#connection = connection;
		this.#limits = limits;
		this.#framer = new PacketFramer(limits.packetSize);
		this.#outbox = new Outbox(connection, limits.clientBuffer, {
			dropped: () => events.dropped(),
			overflow: () => this.refuse(SLOW),
		});
		this.#connectTimer = setTimeout(() => this.#connectLate(), limits.connectTimeout * 1_000);
		connection.on("data", (chunk: Buffer) => this.#receive(chunk));
		connection.on("end", () => this.#connectionLost("the client closed the connection"));
		connection.on("close", () => this.#connectionLost("the connection was lost"));
		connection.on("error", (error: Error) => this.#connectionLost(`the connection was lost (${error.message})`));
	}

	/** Why the stream ended, in words for people. The first cause wins. */
	get endReason(): string {
		return this.#reason ?? "the broker closed the connection";
	}

	/** Notes why the stream is about to end. */
	set endReason(reason: string) {
		this.#reason ??= reason;
	}

	/** The engine is done with CONNECT: the packets behind it may follow. */
	release(): void {
		clearTimeout(this.#connectTimer);
		this.#held = false;
		this.#loggedIn = true;
	}

	/** Ends the connection for breaking a rule, with a packet that says why where MQTT has one. */
	refuse(problem: WireProblem): void {
		if (this.destroyed) return;
		this.endReason = problem.text;
		this.#lastWords(problem);
		this.destroy();
	}

	/** The engine asks for the next packet, or for the next run of PUBLISH packets. */
	override read(size?: number): Buffer | null {
		if (size === 0 || this.destroyed) return null;
		this.#engineWaits = true;
		if (this.#held || this.#parsing) return null;
		if (this.#handedThisTurn >= PACKETS_A_TURN) return null;
		const run = this.#takeRun();
		if (run) {
			this.#engineWaits = false;
			this.#parsing = true;
			process.nextTick(this.#parsed);
			return run;
		}
		if (this.#lostReason) {
			this.endReason = this.#lostReason;
			this.destroy();
		}
		return null;
	}

	override write(chunk: Buffer | string): boolean {
		if (!this.destroyed) this.#outbox.write(chunk);
		return true;
	}

	/** mqtt-packet corks at the start of every packet. */
	override cork(): void {
		this.#outbox.startPacket();
	}

	override uncork(): void {}

	override _read(): void {}

	override _destroy(error: Error | null, done: (error: Error | null) => void): void {
		clearTimeout(this.#connectTimer);
		if (error?.message === "keep alive timeout") {
			this.endReason = SILENT.text;
			this.#lastWords(SILENT);
		} else if (error) {
			this.endReason = error.message;
		}
		this.#outbox.flush();
		closeSoon(this.#connection);
		done(null);
	}

	#receive(chunk: Buffer): void {
		if (this.destroyed) return;
		this.#framer.push(chunk);
		this.#offer();
		if (this.#framer.buffered > READ_AHEAD && !this.#engineWaits) this.#connection.pause();
	}

	/** Tells the engine that there is something, if it waits. */
	#offer(): void {
		if (this.#held || !this.#engineWaits || this.#parsing || this.destroyed) return;
		if (this.#handedThisTurn < PACKETS_A_TURN) this.emit("readable");
	}

	readonly #parsed = (): void => {
		this.#parsing = false;
		this.#offer();
	};

	/** One packet, or several PUBLISH that the engine may work on side by side. */
	#takeRun(): Buffer | undefined {
		const first = this.#takeChecked();
		if (!first) return undefined;
		this.#count();
		if (!mayRunSideBySide(first)) return first;
		const run = [first];
		while (run.length < PUBLISH_RUN) {
			const packet = this.#takeChecked();
			if (!packet) break;
			if (!mayRunSideBySide(packet)) {
				this.#next = packet;
				break;
			}
			run.push(packet);
			this.#count();
		}
		return run.length === 1 ? first : Buffer.concat(run);
	}

	/** The counter of packets starts anew with each turn of the event loop. */
	#count(): void {
		this.#handedThisTurn++;
		if (this.#turnScheduled) return;
		this.#turnScheduled = true;
		setImmediate(() => {
			this.#turnScheduled = false;
			this.#handedThisTurn = 0;
			this.#offer();
		});
	}

	#takeChecked(): Buffer | undefined {
		if (this.#next) {
			const packet = this.#next;
			this.#next = undefined;
			return packet;
		}
		const packet = this.#framer.next();
		// Without a whole packet there is nothing to wait for: the rest of it must come in.
		if (this.#connection.isPaused() && (!packet || this.#framer.buffered <= READ_AHEAD)) this.#connection.resume();
		const problem = packet ? this.#check(packet) : this.#framer.problem;
		if (!problem) return packet;
		this.refuse(problem);
		return undefined;
	}

	#check(packet: Buffer): WireProblem | undefined {
		const type = (packet[0] as number) >> 4;
		if (type === CONNECT) return this.#checkConnect(packet);
		if (type === DISCONNECT) this.endReason = "the client disconnected";
		return checkPacket(packet, this.#version ?? 4, this.#limits.topicLevels);
	}

	#checkConnect(packet: Buffer): WireProblem | undefined {
		if (this.#connectSeen) return SECOND_CONNECT;
		const result = checkConnect(packet, this.#limits.topicLevels);
		this.#version = result.protocolVersion;
		this.#connectSeen = true;
		this.#held = result.problem === undefined;
		return result.problem;
	}

	#connectLate(): void {
		this.endReason = `no login within ${this.#limits.connectTimeout} seconds`;
		this.destroy();
	}

	#lastWords(problem: WireProblem): void {
		const packet = this.#lastPacket(problem);
		if (!packet) return;
		this.#outbox.startPacket();
		this.#outbox.write(packet);
	}

	/** The packet that tells a client why it is refused, where its version of MQTT has one. */
	#lastPacket(problem: WireProblem): Buffer | undefined {
		const protocolVersion = this.#version;
		if (protocolVersion === undefined) return undefined;
		if (this.#loggedIn) {
			if (protocolVersion !== 5) return undefined;
			return mqtt.generate({ cmd: "disconnect", reasonCode: problem.reasonCode }, { protocolVersion });
		}
		const code = connackCode(problem, protocolVersion);
		if (code === undefined) return undefined;
		const answer = protocolVersion === 5 ? { reasonCode: code } : { returnCode: code };
		return mqtt.generate({ cmd: "connack", sessionPresent: false, ...answer }, { protocolVersion });
	}

	/** Lets the engine finish with what arrived before the end, a DISCONNECT above all. */
	#connectionLost(reason: string): void {
		if (this.#lostReason || this.destroyed) return;
		this.#lostReason = reason;
		this.#offer();
	}
}

/** Ends a connection after what was written to it, and in any case soon. */
function closeSoon(connection: Duplex): void {
	if (connection.destroyed) return;
	const timer = setTimeout(() => connection.destroy(), LAST_WORDS);
	connection.once("close", () => clearTimeout(timer));
	connection.end(() => connection.destroy());
	connection.resume();
}

/** PUBLISH with QoS 0 or 1 needs no order among several; QoS 2 shares state with PUBREL. */
function mayRunSideBySide(packet: Buffer): boolean {
	const first = packet[0] as number;
	return first >> 4 === PUBLISH && (first & 0b0110) !== 0b0100;
}
