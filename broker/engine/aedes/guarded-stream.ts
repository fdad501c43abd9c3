/**
 * The stream that an engine is handed in place of a socket. It cuts what a client sends into packets, refuses what
 * MQTT forbids, hands packets over only when the engine is done with those before, and writes in batches.
 */

import { Duplex } from "node:stream";
import type { LimitOptions } from "../../limits";
import type { Store } from "../../store/store";
import { PacketFramer, packetType, type WireProblem } from "../../wire";
import { closeSoon, lastPacket } from "../last-packet";
import { PacketCheck } from "../packet-check";
import { Rate } from "../rate";
import { Traffic } from "../traffic";
import { DeliveryLine } from "./delivery-line";
import { HeldPackets } from "./held-packets";
import { Outbox } from "./outbox";
import { type RelayEvents, SubscribeRelay } from "./subscribe-relay";

const CONNACK_BYTE = 0x20;
const SUBACK_BYTE = 0x90;

/** How many PUBLISH packets the engine may work on side by side; everything else goes one by one. */
const PUBLISH_RUN = 64;
/** How many packets are handed over in one turn of the event loop before others get their turn. */
const PACKETS_A_TURN = 256;
/** Bytes that may wait for the engine before the socket is told to wait. */
const READ_AHEAD = 65_536;

const SLOW: WireProblem = { reasonCode: 0x97, text: "reads too slowly: too many bytes wait for it" };
const SILENT: WireProblem = { reasonCode: 0x8d, text: "sent nothing for one and a half times its keep alive" };

export interface GuardEvents extends RelayEvents {
	/** A QoS 0 message was dropped because the client reads too slowly. */
	dropped(): void;
	/** The client sends more than it may in a second, and has to wait. */
	slowed(): void;
	/** Is the engine done with everything that it was given? */
	isIdle(): boolean;
}

/** What is asked of the store here. */
export type PromisingStore = Pick<Store, "writesBehind" | "flushed" | "congested">;

export class GuardedStream extends Duplex {
	/** What went over this connection. */
	readonly traffic = new Traffic();
	/** Lists of messages on their way to the client. */
	readonly deliveries: DeliveryLine;
	readonly #connection: Duplex;
	readonly #framer: PacketFramer;
	readonly #outbox: Outbox;
	readonly #store: PromisingStore;
	/** What waits for the store; undefined where the store has nothing to wait for. */
	readonly #heldBack: HeldPackets | undefined;
	/** The next `write` is the first of a packet. */
	#packetStarts = false;
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
	readonly #packets: PacketCheck;
	/** The engine works on CONNECT: what came behind it waits. */
	#held = false;
	/** The engine asked and got nothing. */
	#engineWaits = true;
	/** The engine is inside the parser with what `read` gave it. */
	#parsing = false;
	#handedThisTurn = 0;
	#turnScheduled = false;
	/** It was told so: from then on the last word is DISCONNECT. */
	#loggedIn = false;
	/** Is the next CONNACK a yes? */
	#identified = false;
	/** The engine waits until the client has read more. */
	#roomAwaited = false;
	/** The connection is gone, and why; what it sent before still counts. */
	#lostReason: string | undefined;
	#reason: string | undefined;

	/**
	 * @param store has to keep what is acknowledged here
	 * @param versions of MQTT that may be spoken; undefined for all
	 */
	constructor(
		connection: Duplex,
		limits: LimitOptions,
		events: GuardEvents,
		store: PromisingStore,
		versions?: readonly (3 | 4 | 5)[],
	) {
		super({ allowHalfOpen: false });
		this.#connection = connection;
		this.#limits = limits;
		this.#events = events;
		this.#messageRate = new Rate(limits.messageRate);
		this.#byteRate = new Rate(limits.byteRate);
		this.#packets = new PacketCheck(limits, versions);
		this.#framer = new PacketFramer(limits.packetSize);
		const outboxEvents = { dropped: () => events.dropped(), overflow: () => this.refuse(SLOW) };
		this.#outbox = new Outbox(connection, limits.clientBuffer, outboxEvents, this.traffic);
		this.#store = store;
		const send = (chunks: readonly Buffer[]) => this.#send(chunks);
		this.#heldBack = store.writesBehind ? new HeldPackets(store, send, () => this.#offer()) : undefined;
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
		this.#identified = true;
	}

	/** The engine is done with CONNECT: the packets behind it may follow. */
	release(): void {
		this.#held = false;
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

	/** The engine has to wait only while a list is on its way: what is published goes to a bounded outbox. */
	override write(chunk: Buffer | string): boolean {
		if (this.destroyed) return true;
		if (this.#answering === "perhaps") this.#answering = chunk[0] === SUBACK_BYTE ? "yes" : "no";
		if (this.#answering === "yes") this.#answer(Buffer.from(chunk));
		else this.#writeOrHold(chunk);
		if (!this.deliveries.busy || (this.#outbox.hasRoom && !this.#heldBack?.full)) return true;
		this.#tellWhenRoom();
		return false;
	}

	/** mqtt-packet corks at the start of every packet. */
	override cork(): void {
		this.#outbox.startPacket();
		this.#heldBack?.endPacket();
		this.#packetStarts = true;
		this.#answering = this.#relay ? "perhaps" : "no";
	}

	/** It uncorks a moment after each. */
	override uncork(): void {
		this.#heldBack?.endPacket();
	}

	/** The message that came with that packet identifier was given to the store. */
	stored(packetId: number): void {
		this.#heldBack?.stored(packetId);
	}

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
		this.#heldBack?.end();
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
		this.#events.slowed();
		this.#connection.pause();
		this.#slowTimer = setTimeout(() => {
			this.#slowTimer = undefined;
			this.#offer();
		}, wait);
	}

	#tellWhenRoom(): void {
		if (this.#roomAwaited) return;
		this.#roomAwaited = true;
		void this.#room().then(() => {
			this.#roomAwaited = false;
			this.emit("drain");
		});
	}

	async #room(): Promise<void> {
		await this.#heldBack?.room();
		await this.#outbox.room();
	}

	#writeOrHold(chunk: Buffer | string): void {
		const starts = this.#packetStarts;
		this.#packetStarts = false;
		const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
		if (starts && bytes[0] === CONNACK_BYTE) this.#loggedIn = this.#identified;
		if (!this.#heldBack?.take(bytes, starts)) this.#outbox.write(bytes);
	}

	/** A packet that nothing holds back any more. */
	#send(chunks: readonly Buffer[]): void {
		this.#outbox.startPacket();
		for (const chunk of chunks) this.#outbox.write(chunk);
	}

	/** The store can't take another message now: it will be asked again when it can. */
	#storeIsBusy(): boolean {
		if (!this.#store.congested) return this.#heldBack?.full ?? false;
		void this.#store.flushed()?.then(() => this.#offer());
		return true;
	}

	/** Tells the engine that there is something, if it waits. */
	#offer(): void {
		if (this.#held || !this.#engineWaits || this.#parsing || this.#slowTimer || this.destroyed) return;
		if (this.#handedThisTurn < PACKETS_A_TURN) this.emit("readable");
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
		if (isPublish(first) && this.#storeIsBusy()) {
			this.#next = first;
			return undefined;
		}
		this.#count();
		if (!mayRunSideBySide(first)) return first;
		const run = [first];
		while (run.length < PUBLISH_RUN && !this.#slowTimer && !this.#storeIsBusy()) {
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

	/** The next packet, or the first part of one. */
	#takeInOrder(): Buffer | undefined {
		for (let packet = this.#takeChecked(); packet; packet = this.#takeChecked()) {
			const { version } = this.#packets;
			if ((packet[0] as number) >> 4 !== packetType.subscribe || version === undefined) return packet;
			if (this.deliveries.full) {
				this.#next = packet;
				return undefined;
			}
			this.#relay = new SubscribeRelay(packet, version, this.#limits.subscriptions, this.#events);
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
		this.#packetStarts = true;
		this.#writeOrHold(suback);
		this.#heldBack?.endPacket();
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
		if (type === packetType.publish) {
			this.traffic.messagesIn++;
			this.traffic.messageBytesIn += packet.length;
			this.#slowDown(this.#messageRate.add(1));
		}
		const problem = this.#packets.check(packet);
		if (problem) return problem;
		if (type === packetType.connect) this.#held = true;
		if (type === packetType.disconnect) this.endReason = "the client disconnected";
		return undefined;
	}

	#connectLate(): void {
		this.endReason = `no login within ${this.#limits.connectTimeout} seconds`;
		this.destroy();
	}

	#lastWords(problem: WireProblem): void {
		const packet = lastPacket(problem, this.#packets.version, this.#loggedIn);
		if (!packet) return;
		this.#outbox.startPacket();
		this.#outbox.write(packet);
	}

	/** Lets the engine finish with what arrived before the end, a DISCONNECT above all. */
	#connectionLost(reason: string): void {
		if (this.#lostReason || this.destroyed) return;
		this.#lostReason = reason;
		this.#offer();
	}
}

function isPublish(packet: Buffer): boolean {
	return (packet[0] as number) >> 4 === packetType.publish;
}

/** PUBLISH with QoS 0 or 1 needs no order among several; QoS 2 shares state with PUBREL. */
function mayRunSideBySide(packet: Buffer): boolean {
	const first = packet[0] as number;
	return first >> 4 === packetType.publish && (first & 0b0110) !== 0b0100;
}
