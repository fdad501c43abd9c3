/**
 * The stream that an engine is handed in place of a socket. It cuts what a client sends into packets, refuses what
 * MQTT forbids, hands packets over only when the engine is done with those before, and writes in batches.
 */

import { Duplex } from "node:stream";
import mqtt from "mqtt-packet";
import type { LimitOptions } from "../limits";
import { checkConnect, checkPacket, connackCode, PacketFramer, problems, type WireProblem } from "../wire";
import { DeliveryLine } from "./delivery-line";
import { Outbox } from "./outbox";
import { Rate } from "./rate";
import { type RelayEvents, SubscribeRelay } from "./subscribe-relay";
import { Traffic } from "./traffic";

const CONNECT = 1;
const PUBLISH = 3;
const SUBSCRIBE = 8;
const SUBACK_BYTE = 0x90;
const DISCONNECT = 14;
const AUTH = 15;

/** How many PUBLISH packets the engine may work on side by side; everything else goes one by one. */
const PUBLISH_RUN = 64;
/** How many packets are handed over in one turn of the event loop before others get their turn. */
const PACKETS_A_TURN = 256;
/** As many bytes, so that a burst of large messages has time to leave before more is written to its subscribers. */
const BYTES_A_TURN = 131_072;
/** Bytes that may wait for the engine before the socket is told to wait. */
const READ_AHEAD = 65_536;
/** Milliseconds that a client gets to read its last packets before the socket is destroyed. */
const LAST_WORDS = 1_000;

const SLOW: WireProblem = { reasonCode: 0x97, text: "reads too slowly: too many bytes wait for it" };
const SILENT: WireProblem = { reasonCode: 0x8d, text: "sent nothing for one and a half times its keep alive" };
const UNWANTED_VERSION: WireProblem = { reasonCode: 0x84, text: "speaks a version of MQTT that its listener does not" };
const UNWANTED_AUTH: WireProblem = {
	reasonCode: 0x82,
	text: "sent AUTH, and has agreed on no authentication method [MQTT-4.12.0-1]",
};
const SECOND_CONNECT: WireProblem = { reasonCode: 0x82, text: "sent a second CONNECT [MQTT-3.1.0-2]" };

/** Control characters would garble logs, and MQTT advises against them [MQTT-1.5.4]. */
const CONTROL = /\p{Cc}/u;

export interface GuardEvents extends RelayEvents {
	/** A QoS 0 message was dropped because the client reads too slowly. */
	dropped(): void;
	/** Is the engine done with everything that it was given? */
	isIdle(): boolean;
}

export class GuardedStream extends Duplex {
	/** What went over this connection. */
	readonly traffic = new Traffic();
	/** Lists of messages on their way to the client. */
	readonly deliveries: DeliveryLine;
	readonly #connection: Duplex;
	readonly #framer: PacketFramer;
	readonly #outbox: Outbox;
	readonly #limits: LimitOptions;
	readonly #events: GuardEvents;
	readonly #messageRate: Rate;
	readonly #byteRate: Rate;
	/** Runs while the client has sent too much in too short a time. */
	#slowTimer: NodeJS.Timeout | undefined;
	/** A SUBSCRIBE that the engine gets filter by filter. */
	#relay: SubscribeRelay | undefined;
	/** Is the packet that the engine writes an answer for the relay? */
	#answering: "yes" | "no" | "perhaps" = "no";
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
	#packetsThisTurn = 0;
	#bytesThisTurn = 0;
	#turnScheduled = false;
	#loggedIn = false;
	/** The engine waits until the client has read more. */
	#roomAwaited = false;
	/** The connection is gone, and why; what it sent before still counts. */
	#lostReason: string | undefined;
	#reason: string | undefined;

	/** @param versions of MQTT that may be spoken; undefined for all */
	constructor(
		connection: Duplex,
		limits: LimitOptions,
		events: GuardEvents,
		readonly versions?: readonly (3 | 4 | 5)[],
	) {
		super({ allowHalfOpen: false });
		this.#connection = connection;
		this.#limits = limits;
		this.#events = events;
		this.#messageRate = new Rate(limits.messageRate);
		this.#byteRate = new Rate(limits.byteRate);
		this.#framer = new PacketFramer(limits.packetSize);
		const outboxEvents = { dropped: () => events.dropped(), overflow: () => this.refuse(SLOW) };
		this.#outbox = new Outbox(connection, limits.clientBuffer, outboxEvents, this.traffic);
		this.deliveries = new DeliveryLine(this, () => this.#offer());
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

	/** Who it is has been found out: what is left of CONNECT may take as long as the client needs to read its queue. */
	identified(): void {
		clearTimeout(this.#connectTimer);
	}

	/** The engine is done with CONNECT: the packets behind it may follow. */
	release(): void {
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
		if (this.#parsing) return null;
		this.#engineWaits = true;
		if (this.#held || this.#slowTimer) return null;
		if (this.#turnIsOver()) return null;
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

	/** The engine has to wait only while a list is on its way: what is published goes to a bounded outbox. */
	override write(chunk: Buffer | string): boolean {
		if (this.destroyed) return true;
		if (this.#answering === "perhaps") this.#answering = chunk[0] === SUBACK_BYTE ? "yes" : "no";
		if (this.#answering === "yes") this.#answer(Buffer.from(chunk));
		else this.#outbox.write(chunk);
		if (!this.deliveries.busy || this.#outbox.hasRoom) return true;
		this.#tellWhenRoom();
		return false;
	}

	/** mqtt-packet corks at the start of every packet. */
	override cork(): void {
		this.#outbox.startPacket();
		this.#answering = this.#relay ? "perhaps" : "no";
	}

	override uncork(): void {}

	override _read(): void {}

	override _destroy(error: Error | null, done: (error: Error | null) => void): void {
		clearTimeout(this.#connectTimer);
		clearTimeout(this.#slowTimer);
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
		this.traffic.bytesIn += chunk.length;
		this.#framer.push(chunk);
		this.#slowDown(this.#byteRate.add(chunk.length));
		this.#offer();
		const busy = !this.#engineWaits || this.#next !== undefined;
		if (this.#framer.buffered > READ_AHEAD && busy) this.#connection.pause();
	}

	/** @param wait milliseconds in which nothing more is taken from the client; it has to wait in its turn */
	#slowDown(wait: number): void {
		if (wait === 0 || this.#slowTimer || this.destroyed) return;
		this.#connection.pause();
		this.#slowTimer = setTimeout(() => {
			this.#slowTimer = undefined;
			this.#offer();
		}, wait);
	}

	#tellWhenRoom(): void {
		if (this.#roomAwaited) return;
		this.#roomAwaited = true;
		void this.#outbox.room().then(() => {
			this.#roomAwaited = false;
			this.emit("drain");
		});
	}

	/** Tells the engine that there is something, if it waits. */
	#offer(): void {
		if (this.#held || !this.#engineWaits || this.#parsing || this.#slowTimer || this.destroyed) return;
		if (!this.#turnIsOver()) this.emit("readable");
	}

	/** The engine may be done with the whole run by now; if not, it will ask when it is. */
	readonly #parsed = (): void => {
		this.#parsing = false;
		this.#engineWaits = this.#events.isIdle();
		this.#offer();
	};

	/** One packet, or several PUBLISH that the engine may work on side by side. */
	#takeRun(): Buffer | undefined {
		const first = this.#relayed() ?? this.#takeInOrder();
		if (!first) return undefined;
		this.#count(first);
		if (!mayRunSideBySide(first)) return first;
		const run = [first];
		while (run.length < PUBLISH_RUN && !this.#turnIsOver()) {
			const packet = this.#takeChecked();
			if (!packet) break;
			if (!mayRunSideBySide(packet)) {
				this.#next = packet;
				break;
			}
			run.push(packet);
			this.#count(packet);
		}
		return run.length === 1 ? first : Buffer.concat(run);
	}

	/** The next packet, or the first part of one. */
	#takeInOrder(): Buffer | undefined {
		for (let packet = this.#takeChecked(); packet; packet = this.#takeChecked()) {
			if ((packet[0] as number) >> 4 !== SUBSCRIBE || this.#version === undefined) return packet;
			if (this.deliveries.full) {
				this.#next = packet;
				return undefined;
			}
			this.#relay = new SubscribeRelay(packet, this.#version, this.#limits.subscriptions, this.#events);
			const part = this.#relayed();
			if (part) return part;
		}
		return undefined;
	}

	#relayed(): Buffer | undefined {
		const part = this.#relay?.next();
		if (!part) this.#finishRelay();
		return part;
	}

	/** Takes the engine's SUBACK for one filter. */
	#answer(chunk: Buffer): void {
		if (!this.#relay?.answer(chunk)) return;
		this.#answering = "no";
		// At once: retained messages are to come behind it.
		if (!this.#relay.more) this.#finishRelay();
	}

	#finishRelay(): void {
		if (!this.#relay) return;
		const suback = this.#relay.finish();
		this.#relay = undefined;
		this.#outbox.startPacket();
		this.#outbox.write(suback);
	}

	#turnIsOver(): boolean {
		return this.#packetsThisTurn >= PACKETS_A_TURN || this.#bytesThisTurn >= BYTES_A_TURN;
	}

	/** The counters start anew with each turn of the event loop. */
	#count(packet: Buffer): void {
		this.#packetsThisTurn++;
		this.#bytesThisTurn += packet.length;
		if (this.#turnScheduled) return;
		this.#turnScheduled = true;
		setImmediate(() => {
			this.#turnScheduled = false;
			this.#packetsThisTurn = 0;
			this.#bytesThisTurn = 0;
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
		const room = !packet || this.#framer.buffered <= READ_AHEAD;
		if (room && !this.#slowTimer && this.#connection.isPaused()) this.#connection.resume();
		const problem = packet ? this.#check(packet) : this.#framer.problem;
		if (!problem) return packet;
		this.refuse(problem);
		return undefined;
	}

	#check(packet: Buffer): WireProblem | undefined {
		const type = (packet[0] as number) >> 4;
		this.traffic.packetsIn++;
		if (type === PUBLISH) {
			this.traffic.messagesIn++;
			this.traffic.messageBytesIn += packet.length;
			this.#slowDown(this.#messageRate.add(1));
		}
		if (type === CONNECT) return this.#checkConnect(packet);
		const { topicLevels, userProperties } = this.#limits;
		const problem = checkPacket(packet, this.#version ?? 4, topicLevels, userProperties);
		if (problem) return problem;
		if (type === DISCONNECT) this.endReason = "the client disconnected";
		return type === AUTH ? UNWANTED_AUTH : undefined;
	}

	#checkConnect(packet: Buffer): WireProblem | undefined {
		if (this.#connectSeen) return SECOND_CONNECT;
		const result = checkConnect(packet, this.#limits.topicLevels, this.#limits.userProperties);
		this.#version = result.protocolVersion;
		this.#connectSeen = true;
		const version = result.protocolVersion;
		const unwanted = version !== undefined && this.versions !== undefined && !this.versions.includes(version);
		const problem = result.problem ?? (unwanted ? UNWANTED_VERSION : this.#clientIdProblem(result.clientId));
		this.#held = problem === undefined;
		return problem;
	}

	#clientIdProblem(clientId: string): WireProblem | undefined {
		if (Buffer.byteLength(clientId) > this.#limits.clientIdLength) return problems.clientIdTooLong;
		return CONTROL.test(clientId) ? problems.clientIdControl : undefined;
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
