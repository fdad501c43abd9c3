/**
 * Hands a SUBSCRIBE to the engine filter by filter, and makes one SUBACK of the answers, as MQTT describes it
 * [MQTT-3.8.4-5]. aedes goes wrong with a list: it drops a filter that stands twice, with its reason code; it sorts
 * filters that are numbers to the front; it can't take `__proto__`; and it stores also those that were refused.
 */

import mqtt from "mqtt-packet";
import type { QoS } from "../../message";
import { SubscribeParts } from "../../wire";

export interface RelayEvents {
	/** May the client have this subscription, or another one if it is new? */
	maySubscribe(filter: string): boolean;
	/** The client has this subscription now, and will be told. */
	granted(filter: string): void;
	/** All of one SUBSCRIBE: the client has these subscriptions, and is told. */
	subscribed(granted: readonly { readonly filter: string; readonly qos: QoS }[]): void;
}

/** SUBACK codes for one subscription too many. */
const QUOTA_EXCEEDED = 0x97;
const FAILURE = 0x80;

export class SubscribeRelay {
	readonly #parts: SubscribeParts;
	readonly #codes: number[] = [];
	readonly #granted: { filter: string; qos: QoS }[] = [];
	/** The filter that the engine works on. */
	#asked: string | undefined;
	/** What the engine has written of its SUBACK for that filter. */
	#answer = Buffer.alloc(0);

	/** @param most filters that one packet may have */
	constructor(
		packet: Buffer,
		readonly version: 3 | 4 | 5,
		readonly most: number,
		readonly events: RelayEvents,
	) {
		this.#parts = new SubscribeParts(packet, version);
	}

	/** The next packet for the engine; undefined when all are answered. */
	next(): Buffer | undefined {
		for (let part = this.#parts.next(); part; part = this.#parts.next()) {
			if (this.#codes.length < this.most && this.events.maySubscribe(part.filter)) {
				this.#asked = part.filter;
				return part.packet;
			}
			this.#codes.push(this.version === 5 ? QUOTA_EXCEEDED : FAILURE);
		}
		return undefined;
	}

	/** Are there filters that the engine was not asked for? */
	get more(): boolean {
		return this.#parts.more;
	}

	/** Takes what the engine writes of a SUBACK. @returns true when that was the last of it */
	answer(chunk: Buffer): boolean {
		this.#answer = Buffer.concat([this.#answer, chunk]);
		// One code makes it so short that its length takes one byte.
		if (this.#answer.length < 2 || this.#answer.length < 2 + (this.#answer[1] as number)) return false;
		const code = this.#answer.at(-1) as number;
		this.#answer = Buffer.alloc(0);
		this.#codes.push(code);
		const filter = this.#asked;
		this.#asked = undefined;
		if (code <= 2 && filter !== undefined) {
			this.#granted.push({ filter, qos: code as QoS });
			this.events.granted(filter);
		}
		return true;
	}

	/** The SUBACK for the client. Tells what was granted. */
	finish(): Buffer {
		if (this.#granted.length > 0) this.events.subscribed(this.#granted);
		const { version: protocolVersion } = this;
		return mqtt.generate({ cmd: "suback", messageId: this.#parts.packetId, granted: this.#codes }, { protocolVersion });
	}
}
