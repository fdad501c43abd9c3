/** What the engine writes to a client: gathered in the outbox, some of it held back until the store keeps its promise. */

import type { Duplex } from "node:stream";
import type { Store } from "../../store/store";
import type { Traffic } from "../traffic";
import { HeldPackets } from "./held-packets";
import { Outbox, type OutboxEvents } from "./outbox";

const CONNACK_BYTE = 0x20;

export interface OutputEvents extends OutboxEvents {
	/** A CONNACK is on its way. */
	connack(): void;
	/** Something that was held back has left. */
	freed(): void;
}

/** What is asked of the store here. */
export type PromisingStore = Pick<Store, "writesBehind" | "flushed" | "congested">;

export class PacketOutput {
	readonly #outbox: Outbox;
	/** What waits for the store; undefined where the store has nothing to wait for. */
	readonly #held: HeldPackets | undefined;
	readonly #events: OutputEvents;
	/** The next `write` is the first of a packet. */
	#packetStarts = false;

	/** @param most bytes that may wait for the client */
	constructor(connection: Duplex, most: number, store: PromisingStore, events: OutputEvents, traffic: Traffic) {
		this.#outbox = new Outbox(connection, most, events, traffic);
		const send = (chunks: readonly Buffer[]) => this.#send(chunks);
		this.#held = store.writesBehind ? new HeldPackets(store, send, () => events.freed()) : undefined;
		this.#events = events;
	}

	/** Is too much held back for another message of this client? */
	get full(): boolean {
		return this.#held?.full ?? false;
	}

	get hasRoom(): boolean {
		return this.#outbox.hasRoom && !this.full;
	}

	/** Resolves when there is room. */
	async room(): Promise<void> {
		await this.#held?.room();
		await this.#outbox.room();
	}

	/** What is written next begins a packet. */
	startPacket(): void {
		this.#outbox.startPacket();
		this.#held?.endPacket();
		this.#packetStarts = true;
	}

	write(chunk: Buffer | string): void {
		const starts = this.#packetStarts;
		this.#packetStarts = false;
		const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
		if (starts && bytes[0] === CONNACK_BYTE) this.#events.connack();
		if (!this.#held?.take(bytes, starts)) this.#outbox.write(bytes);
	}

	endPacket(): void {
		this.#held?.endPacket();
	}

	/** A whole packet. */
	packet(bytes: Buffer): void {
		this.startPacket();
		this.write(bytes);
		this.endPacket();
	}

	/** The message that came with that packet identifier was given to the store. */
	stored(packetId: number): void {
		this.#held?.stored(packetId);
	}

	/** A packet that waits for nothing. */
	lastWord(packet: Buffer): void {
		this.#send([packet]);
	}

	/** Sends what may leave by now. */
	end(): void {
		this.#held?.end();
		this.#outbox.flush();
	}

	/** A packet that nothing holds back any more. */
	#send(chunks: readonly Buffer[]): void {
		this.#outbox.startPacket();
		for (const chunk of chunks) this.#outbox.write(chunk);
	}
}
