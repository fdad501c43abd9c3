/**
 * The stream that an engine is handed in place of a socket. It cuts what a client sends into packets, refuses what
 * MQTT forbids, hands packets over only when the engine is done with those before, and writes in batches.
 */

import { Duplex } from "node:stream";
import type { LimitOptions } from "../../limits";
import { packetType, type WireProblem } from "../../wire";
import { closeSoon, lastPacket } from "../last-packet";
import { PacketCheck } from "../packet-check";
import { Traffic } from "../traffic";
import { DeliveryLine } from "./delivery-line";
import { PacketIntake } from "./packet-intake";
import { PacketOutput, type PromisingStore } from "./packet-output";
import { RelayLine } from "./relay-line";
import type { RelayEvents } from "./subscribe-relay";

/** How many PUBLISH packets the engine may work on side by side; everything else goes one by one. */
const PUBLISH_RUN = 64;
/** How many packets are handed over in one turn of the event loop before others get their turn. */
const PACKETS_A_TURN = 256;

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

export class GuardedStream extends Duplex {
	/** What went over this connection. */
	readonly traffic = new Traffic();
	/** Lists of messages on their way to the client. */
	readonly deliveries: DeliveryLine;
	readonly #connection: Duplex;
	readonly #intake: PacketIntake;
	readonly #output: PacketOutput;
	readonly #relay: RelayLine;
	readonly #store: PromisingStore;
	readonly #limits: LimitOptions;
	readonly #events: GuardEvents;
	readonly #connectTimer: NodeJS.Timeout;
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
		this.#store = store;
		this.#packets = new PacketCheck(limits, versions);
		this.#intake = new PacketIntake(connection, limits, this.#packets, this.traffic, {
			slowed: () => events.slowed(),
			goesOn: () => this.#offer(),
			checked: (type) => this.#checked(type),
			refuse: (problem) => this.refuse(problem),
		});
		const outputEvents = {
			dropped: () => events.dropped(),
			overflow: () => this.refuse(SLOW),
			connack: () => {
				this.#loggedIn = this.#identified;
			},
			freed: () => this.#offer(),
		};
		this.#output = new PacketOutput(connection, limits.clientBuffer, store, outputEvents, this.traffic);
		this.#relay = new RelayLine(limits.subscriptions, events, (suback) => this.#output.packet(suback));
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
		if (this.#held || this.#intake.slow) return null;
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
		if (!this.#relay.takes(chunk)) this.#output.write(chunk);
		if (!this.deliveries.busy || this.#output.hasRoom) return true;
		this.#tellWhenRoom();
		return false;
	}

	/** mqtt-packet corks at the start of every packet. */
	override cork(): void {
		this.#output.startPacket();
		this.#relay.packetStarts();
	}

	/** It uncorks a moment after each. */
	override uncork(): void {
		this.#output.endPacket();
	}

	/** The message that came with that packet identifier was given to the store. */
	stored(packetId: number): void {
		this.#output.stored(packetId);
	}

	override _read(): void {}

	override _destroy(error: Error | null, done: (error: Error | null) => void): void {
		clearTimeout(this.#connectTimer);
		this.#intake.end();
		if (error?.message === "keep alive timeout") {
			this.endReason = SILENT.text;
			this.#lastWords(SILENT);
		} else if (error) {
			this.endReason = error.message;
		}
		this.#output.end();
		closeSoon(this.#connection);
		done(null);
	}

	#receive(chunk: Buffer): void {
		if (this.destroyed) return;
		this.#intake.receive(chunk);
		this.#offer();
		this.#intake.holdBack(!this.#engineWaits);
	}

	#tellWhenRoom(): void {
		if (this.#roomAwaited) return;
		this.#roomAwaited = true;
		void this.#output.room().then(() => {
			this.#roomAwaited = false;
			this.emit("drain");
		});
	}

	/** The store can't take another message now: it will be asked again when it can. */
	#storeIsBusy(): boolean {
		if (!this.#store.congested) return this.#output.full;
		void this.#store.flushed()?.then(() => this.#offer());
		return true;
	}

	/** Tells the engine that there is something, if it waits. */
	#offer(): void {
		if (this.#held || !this.#engineWaits || this.#parsing || this.#intake.slow || this.destroyed) return;
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
		const first = this.#relay.next() ?? this.#takeInOrder();
		if (!first) return undefined;
		if (isPublish(first) && this.#storeIsBusy()) {
			this.#intake.putBack(first);
			return undefined;
		}
		this.#count();
		if (!mayRunSideBySide(first)) return first;
		const run = [first];
		while (run.length < PUBLISH_RUN && !this.#intake.slow && !this.#storeIsBusy()) {
			const packet = this.#intake.take();
			if (!packet) break;
			if (!mayRunSideBySide(packet)) {
				this.#intake.putBack(packet);
				break;
			}
			run.push(packet);
			this.#count();
		}
		return run.length === 1 ? first : Buffer.concat(run);
	}

	/** The next packet, or the first part of one. */
	#takeInOrder(): Buffer | undefined {
		for (let packet = this.#intake.take(); packet; packet = this.#intake.take()) {
			const { version } = this.#packets;
			if ((packet[0] as number) >> 4 !== packetType.subscribe || version === undefined) return packet;
			if (this.deliveries.full) {
				this.#intake.putBack(packet);
				return undefined;
			}
			const part = this.#relay.begin(packet, version);
			if (part) return part;
		}
		return undefined;
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

	#checked(type: number): void {
		if (type === packetType.connect) this.#held = true;
		if (type === packetType.disconnect) this.endReason = "the client disconnected";
	}

	#connectLate(): void {
		this.endReason = `no login within ${this.#limits.connectTimeout} seconds`;
		this.destroy();
	}

	#lastWords(problem: WireProblem): void {
		const packet = lastPacket(problem, this.#packets.version, this.#loggedIn);
		if (packet) this.#output.lastWord(packet);
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
