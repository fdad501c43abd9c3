/** One publication on its way to many: what is the same for several receivers is made once. */

import type { Message, QoS } from "../../message";
import type { StoredMessage } from "../../store/store";
import { encodePublish } from "../../wire";

/** Makes names for messages that no other has. */
export interface Keys {
	nextKey(): string;
}

export class Publication {
	readonly message: Message;
	readonly #keys: Keys;
	#key: string | undefined;
	/** PUBLISH with QoS 0: before MQTT 5 and for MQTT 5, each without and with the retain flag. */
	#wires: (Buffer | undefined)[] | undefined;
	#kept: StoredMessage | undefined;
	#passing: StoredMessage | undefined;

	constructor(message: Message, keys: Keys) {
		this.message = message;
		this.#keys = keys;
	}

	/** Names it in the queues of sessions. */
	get key(): string {
		this.#key ??= this.#keys.nextKey();
		return this.#key;
	}

	/** As a packet with QoS 0 that is the same for everybody. */
	wire(v5: boolean, retain: boolean): Buffer {
		const at = (v5 ? 2 : 0) + (retain ? 1 : 0);
		this.#wires ??= [];
		let packet = this.#wires[at];
		if (!packet) {
			const { topic, payload, properties } = this.message;
			packet = encodePublish({ topic, payload, qos: 0, retain, dup: false, packetId: 0, properties }, v5);
			this.#wires[at] = packet;
		}
		return packet;
	}

	/** To be kept longer than the packet that it came in. */
	get kept(): StoredMessage {
		this.#kept ??= storedOf(this.message, ownBytes(this.message.payload), Date.now());
		return this.#kept;
	}

	/** To be kept for a moment, until a client that reads has acknowledged it. */
	get passing(): StoredMessage {
		this.#passing ??= this.#kept ?? storedOf(this.message, copyOf(this.message.payload), Date.now());
		return this.#passing;
	}
}

/** A stored message as one session gets it; its identifier travels among the properties. */
export function forSession(
	message: StoredMessage,
	qos: QoS,
	retain: boolean,
	identifier: number | undefined,
): StoredMessage {
	if (identifier === undefined) {
		return message.qos === qos && message.retain === retain ? message : { ...message, qos, retain };
	}
	const properties = { ...message.properties, subscriptionIdentifier: identifier };
	return { ...message, qos, retain, properties };
}

function storedOf(message: Message, payload: Buffer, now: number): StoredMessage {
	const { topic, qos, retain, properties } = message;
	const kept: StoredMessage = { topic, payload, qos, retain };
	if (!properties) return kept;
	const { messageExpiryInterval, correlationData } = properties;
	kept.properties = correlationData ? { ...properties, correlationData: ownBytes(correlationData) } : properties;
	if (messageExpiryInterval !== undefined) kept.expiresAt = now + messageExpiryInterval * 1_000;
	return kept;
}

/** From Node's pool, where it is small. */
function copyOf(bytes: Buffer): Buffer {
	const copy = Buffer.allocUnsafe(bytes.length);
	bytes.copy(copy);
	return copy;
}

/** Bytes that lie in a larger piece of memory keep all of it from being freed: what is kept gets its own. */
function ownBytes(bytes: Buffer): Buffer {
	if (bytes.length === bytes.buffer.byteLength) return bytes;
	const copy = Buffer.allocUnsafeSlow(bytes.length);
	bytes.copy(copy);
	return copy;
}
