/**
 * Packets for one client that must not leave before the store has promised to keep what they speak of.
 *
 * aedes calls the store in this order, and this is what each packet has to wait for:
 *
 * - PUBACK is written first, and only then does aedes store the message: retained, into queues, and at last it calls the
 *   hook `published` with the packet identifier of the publisher. PUBACK waits for that call, and then until the store
 *   is flushed. One that refuses the message (MQTT 5, 0x80 and up) waits for nothing: such a message is not stored.
 * - PUBREC and PUBCOMP are written when the store was called: they wait until it is flushed. PUBCOMP, too, for a packet
 *   identifier that looks still in use after a restart would swallow the next message with it.
 * - PUBLISH with QoS 2 and PUBREL likewise: after a restart a message must go out under the same packet identifier, or
 *   not again at all, or the receiver takes it twice.
 * - SUBACK and UNSUBACK likewise, for what they grant is to last.
 *
 * These leave in the order in which they were written. Others do not wait for them; only behind a SUBACK every message
 * does, so that no retained one comes before it. A packet that is still held when the connection ends is never sent: the
 * client asks again, as MQTT lets it.
 */

import type { Store } from "../../store/store";

const PUBLISH = 3;
const PUBACK = 4;
const PUBREC = 5;
const PUBREL = 6;
const PUBCOMP = 7;
const SUBACK = 9;
const UNSUBACK = 11;
/** QoS bits of the first byte of PUBLISH. */
const QOS = 0b0110;
const QOS_2 = 0b0100;
/** From here on a reason code is a refusal. */
const REFUSAL = 0x80;
/** Packets that may be held before the client has to wait with its next message. */
const MOST_HELD = 1_024;

interface Held {
	readonly type: number;
	readonly chunks: Buffer[];
	/** `unstored`: the message that it answers is on its way to the store. */
	state: "unstored" | "unsafe" | "free";
}

export class HeldPackets {
	readonly #store: Pick<Store, "flushed">;
	readonly #send: (chunks: readonly Buffer[]) => void;
	readonly #freed: () => void;
	#line: Held[] = [];
	/** Of which more is written. */
	#open: Held | undefined;
	/** Held SUBACK packets. */
	#barriers = 0;
	#roomAwaited: (() => void)[] = [];

	/**
	 * @param send hands a packet on
	 * @param freed is told when some have left
	 */
	constructor(store: Pick<Store, "flushed">, send: (chunks: readonly Buffer[]) => void, freed: () => void) {
		this.#store = store;
		this.#send = send;
		this.#freed = freed;
	}

	get full(): boolean {
		return this.#line.length >= MOST_HELD;
	}

	/** Resolves when it is not full. */
	async room(): Promise<void> {
		while (this.full) await new Promise<void>((resolve) => this.#roomAwaited.push(resolve));
	}

	/** All of the packet that was taken is there. */
	endPacket(): void {
		if (!this.#open) return;
		this.#open = undefined;
		// Only now it is known whether it is a refusal.
		this.#release();
	}

	/** @param starts is it the first of its packet? @returns false for one that need not wait */
	take(chunk: Buffer, starts: boolean): boolean {
		if (!starts) {
			this.#open?.chunks.push(chunk);
			return this.#open !== undefined;
		}
		const first = chunk[0] as number;
		const type = first >> 4;
		if (!mustWait(first) && !(type === PUBLISH && this.#barriers > 0)) return false;
		const held: Held = { type, chunks: [chunk], state: "unsafe" };
		if (type === PUBACK) held.state = "unstored";
		else if (!this.#await(held) && this.#line.length === 0) return false;
		if (type === SUBACK) this.#barriers++;
		this.#line.push(held);
		this.#open = held;
		return true;
	}

	/** The message with that packet identifier was given to the store. */
	stored(packetId: number): void {
		const held = this.#line.find((one) => one.state === "unstored" && packetIdOf(one) === packetId);
		if (!held) return;
		this.#await(held);
		this.#release();
	}

	/** Nothing is sent any more. */
	end(): void {
		this.#line = [];
		this.#open = undefined;
		this.#barriers = 0;
		this.#tell();
	}

	/** @returns true when there is something to wait for */
	#await(held: Held): boolean {
		const flushed = this.#store.flushed();
		held.state = flushed ? "unsafe" : "free";
		void flushed?.then(() => {
			held.state = "free";
			this.#release();
		});
		return flushed !== undefined;
	}

	#release(): void {
		let count = 0;
		for (const held of this.#line) {
			if (held === this.#open || !(held.state === "free" || isRefusal(held))) break;
			count++;
			if (held.type === SUBACK) this.#barriers--;
			this.#send(held.chunks);
		}
		if (count === 0) return;
		this.#line.splice(0, count);
		this.#tell();
	}

	#tell(): void {
		for (const resolve of this.#roomAwaited.splice(0)) resolve();
		this.#freed();
	}
}

function mustWait(first: number): boolean {
	switch (first >> 4) {
		case PUBLISH:
			return (first & QOS) === QOS_2;
		case PUBACK:
		case PUBREC:
		case PUBREL:
		case PUBCOMP:
		case SUBACK:
		case UNSUBACK:
			return true;
		default:
			return false;
	}
}

/** Of a complete PUBACK. */
function packetIdOf(held: Held): number {
	const { bytes, at } = bodyOf(held);
	return bytes.readUInt16BE(at);
}

function isRefusal(held: Held): boolean {
	if (held.type !== PUBACK || held.state !== "unstored") return false;
	const { bytes, at } = bodyOf(held);
	return bytes.length > at + 2 && (bytes[at + 2] as number) >= REFUSAL;
}

/** Where the fixed header of a packet ends. */
function bodyOf({ chunks }: Held): { bytes: Buffer; at: number } {
	const bytes = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
	let at = 1;
	while ((bytes[at] as number) & 0x80) at++;
	return { bytes, at: at + 1 };
}
