/** A client of one case: raw packets, with an inspector that watches, and a record of what went over the connection. */

import { generate, type IPublishPacket, type ISubackPacket, type ISubscription, type Packet } from "mqtt-packet";
import type { RawClient } from "../helpers/raw-client";
import { Inspector } from "./inspector";

export type QoS = 0 | 1 | 2;
export type Publish = IPublishPacket;
export type SubscribeOptions = Omit<ISubscription, "topic" | "qos">;

/** Something that is not a packet, or not a right one, goes as bytes. */
export type Outgoing = Packet | Buffer;

export class Client {
	/** All that went over the connection, for a person. */
	readonly record: string[] = [];
	readonly #inspector: Inspector;
	readonly #bytes: Buffer[] = [];
	#lastId = 0;
	#isCut = false;

	constructor(
		readonly raw: RawClient,
		readonly name: string,
	) {
		this.#inspector = new Inspector(raw.version);
		raw.socket.on("data", (chunk) => {
			this.#bytes.push(chunk);
			this.#inspector.received(chunk);
			this.record.push(`${name} <- ${chunk.toString("hex")}`);
		});
		raw.socket.on("close", () => this.record.push(`${name} -- closed`));
	}

	/** Everything that came, as one piece. */
	get bytes(): Buffer {
		return Buffer.concat(this.#bytes);
	}

	get problems(): readonly string[] {
		return this.#inspector.problems.map((problem) => `${this.name}: ${problem}`);
	}

	get version(): number {
		return this.raw.version;
	}

	/** All in one segment. */
	send(...packets: readonly Outgoing[]): this {
		const bytes = packets.map((one) => (Buffer.isBuffer(one) ? one : generate(one, { protocolVersion: this.version })));
		for (const one of bytes) {
			this.#inspector.sent(one);
			this.record.push(`${this.name} -> ${one.toString("hex")}`);
		}
		this.raw.send(...bytes);
		return this;
	}

	/** Takes the first packet of the type that fits, as soon as it comes. */
	expect<C extends Packet["cmd"]>(cmd: C, fits?: (packet: Extract<Packet, { cmd: C }>) => boolean) {
		return this.raw.expect(cmd, fits);
	}

	/** A packet identifier that is not in use. */
	id(): number {
		this.#lastId += 1;
		return this.#lastId;
	}

	/** SUBSCRIBE and its answer. @param properties of MQTT 5 */
	async subscribe(
		filters: string | readonly string[],
		qos: QoS = 2,
		options: SubscribeOptions = {},
		properties?: { readonly subscriptionIdentifier?: number },
	): Promise<ISubackPacket & { granted: number[] }> {
		const messageId = this.id();
		const subscriptions = [filters].flat().map((topic) => ({ topic, qos, ...options }));
		this.send({ cmd: "subscribe", messageId, subscriptions, ...(properties && { properties }) });
		return (await this.expect("suback", (one) => one.messageId === messageId)) as ISubackPacket & { granted: number[] };
	}

	async unsubscribe(...unsubscriptions: string[]) {
		const messageId = this.id();
		this.send({ cmd: "unsubscribe", messageId, unsubscriptions });
		return this.expect("unsuback", (one) => one.messageId === messageId);
	}

	/** PUBLISH and all that its QoS asks for. @returns the first reason code that is not 0, or 0 */
	async publish(topic: string, payload: string | Buffer, fields: Partial<Publish> = {}): Promise<number> {
		const { qos = 1 } = fields;
		const { messageId = qos > 0 ? this.id() : 0 } = fields;
		this.send(publishPacket(topic, payload, { ...fields, qos, messageId }));
		if (qos === 0) return 0;
		if (qos === 1) return (await this.expect("puback", (one) => one.messageId === messageId)).reasonCode ?? 0;
		const { reasonCode = 0 } = await this.expect("pubrec", (one) => one.messageId === messageId);
		if (reasonCode >= 0x80) return reasonCode;
		this.send({ cmd: "pubrel", messageId });
		const pubcomp = await this.expect("pubcomp", (one) => one.messageId === messageId);
		return reasonCode || (pubcomp.reasonCode ?? 0);
	}

	/** The next message, acknowledged to the end. */
	async message(fits?: (packet: Publish) => boolean): Promise<Publish> {
		const packet = await this.expect("publish", fits);
		await this.acknowledge(packet);
		return packet;
	}

	async messages(count: number): Promise<Publish[]> {
		const all: Publish[] = [];
		while (all.length < count) all.push(await this.message());
		return all;
	}

	async acknowledge({ qos, messageId = 0 }: Publish): Promise<void> {
		if (qos === 1) this.send({ cmd: "puback", messageId });
		if (qos < 2) return;
		this.send({ cmd: "pubrec", messageId });
		await this.expect("pubrel", (one) => one.messageId === messageId);
		this.send({ cmd: "pubcomp", messageId });
	}

	/** PINGREQ and its answer. */
	async ping(): Promise<void> {
		this.send({ cmd: "pingreq" });
		await this.expect("pingresp");
	}

	/** The PUBLISH packets that came and were not taken. */
	pending(): Publish[] {
		return this.raw.inbox.filter((packet): packet is Publish => packet.cmd === "publish");
	}

	/** The packet, or `undefined` when the broker closes the connection in its place. */
	async expectOrClosed<C extends Packet["cmd"]>(cmd: C) {
		try {
			return await this.expect(cmd);
		} catch {
			await this.#closedByBroker();
			return undefined;
		}
	}

	/** Waits until the broker has closed the connection. @returns the reason code of its DISCONNECT, if it sent one */
	async closed(): Promise<number | undefined> {
		await this.#closedByBroker();
		const last = this.raw.inbox.find(({ cmd }) => cmd === "disconnect");
		return last?.cmd === "disconnect" ? last.reasonCode : undefined;
	}

	/** DISCONNECT, and the broker's end of the connection. */
	async leave(reasonCode = 0, properties: { readonly sessionExpiryInterval?: number } = {}): Promise<void> {
		this.send(this.version === 5 ? { cmd: "disconnect", reasonCode, properties } : { cmd: "disconnect" });
		await this.#closedByBroker();
	}

	/** Cuts the connection without DISCONNECT. */
	drop(): void {
		this.#isCut = true;
		this.raw.drop();
	}

	async #closedByBroker(): Promise<void> {
		await this.raw.closed();
		if (this.#isCut) throw new Error("the broker did not close the connection");
	}
}

export function publishPacket(topic: string, payload: string | Buffer, fields: Partial<Publish> = {}): Publish {
	return { cmd: "publish", topic, payload, qos: 0, dup: false, retain: false, ...fields };
}

/** Topic, payload, QoS and flags, for comparing: `t=on q1 retain`. */
export function brief({ topic, payload, qos, retain, dup }: Publish): string {
	return `${topic}=${payload.toString()} q${qos}${retain ? " retain" : ""}${dup ? " dup" : ""}`;
}
