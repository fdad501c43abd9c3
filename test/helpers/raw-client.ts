/** A client for tests that sends any bytes, right or wrong, and does nothing by itself: no PUBACK, no PINGREQ. */

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { generate, type IConnectPacket, type Packet, parser } from "mqtt-packet";

export type Version = 3 | 4 | 5;

export class RawClient {
	/** What came and was not yet taken by {@link expect}, oldest first. */
	readonly inbox: Packet[] = [];
	/** How many packets of each type came. */
	readonly counts: Partial<Record<string, number>> = {};
	readonly #waiting = new Set<() => void>();
	#ended = false;

	private constructor(
		readonly socket: Socket,
		readonly version: Version,
	) {
		const reader = parser({ protocolVersion: version });
		reader.on("packet", (packet) => {
			this.inbox.push(packet);
			this.counts[packet.cmd] = (this.counts[packet.cmd] ?? 0) + 1;
			this.#look();
		});
		// What it can't read, as the answer to a CONNECT of another version, it leaves.
		reader.on("error", () => {});
		socket.on("data", (chunk) => reader.parse(chunk));
		socket.on("error", () => {});
		socket.on("end", () => this.#end());
		socket.on("close", () => this.#end());
	}

	/** A connection on which nothing was sent. */
	static async open(port: number, version: Version = 4): Promise<RawClient> {
		const socket = connect({ port, host: "127.0.0.1", noDelay: true });
		await once(socket, "connect");
		return new RawClient(socket, version);
	}

	/** A client that is logged in. */
	static async login(port: number, version: Version = 4, fields: Partial<IConnectPacket> = {}): Promise<RawClient> {
		const client = await RawClient.open(port, version);
		client.send(connectPacket(version, fields));
		const answer = await client.expect("connack");
		const code = version === 5 ? answer.reasonCode : answer.returnCode;
		if (code !== 0) throw new Error(`refused with ${code}`);
		return client;
	}

	/** Several packets leave in one segment. */
	send(...packets: readonly (Packet | Buffer)[]): this {
		const bytes = packets.map((one) => (Buffer.isBuffer(one) ? one : generate(one, { protocolVersion: this.version })));
		this.socket.write(Buffer.concat(bytes));
		return this;
	}

	/** Takes the first packet of the type that fits, as soon as it comes. */
	expect<C extends Packet["cmd"]>(
		cmd: C,
		fits: (packet: Extract<Packet, { cmd: C }>) => boolean = () => true,
	): Promise<Extract<Packet, { cmd: C }>> {
		return this.#until(`a ${cmd}`, () => {
			const at = this.inbox.findIndex((packet) => packet.cmd === cmd && fits(packet as Extract<Packet, { cmd: C }>));
			return at < 0 ? undefined : (this.inbox.splice(at, 1)[0] as Extract<Packet, { cmd: C }>);
		});
	}

	/** Takes the first packet of any type, as soon as it comes. */
	next(): Promise<Packet> {
		return this.#until("a packet", () => this.inbox.shift());
	}

	/** Resolves when so many packets of the type have come in all. */
	async count(cmd: Packet["cmd"], packets: number): Promise<void> {
		await this.#until(`${packets} ${cmd}`, () => (this.counts[cmd] ?? 0) >= packets || undefined);
	}

	/** PINGREQ and its answer: everything sent before was handled. */
	async ping(): Promise<void> {
		this.send({ cmd: "pingreq" });
		await this.expect("pingresp");
	}

	get isClosed(): boolean {
		return this.#ended;
	}

	/** Resolves when the broker has closed the connection. */
	async closed(): Promise<void> {
		if (!this.#ended) await new Promise<void>((resolve) => this.#waiting.add(resolve));
		if (!this.#ended) await this.closed();
	}

	/** Cuts the connection without DISCONNECT. */
	drop(): void {
		this.socket.destroy();
	}

	/** Stops reading, as a computer does that has frozen. */
	freeze(): this {
		this.socket.pause();
		return this;
	}

	async #until<T>(what: string, look: () => T | undefined): Promise<T> {
		for (;;) {
			const found = look();
			if (found !== undefined) return found;
			if (this.#ended) throw new Error(`the connection was closed; expected ${what}`);
			await new Promise<void>((resolve) => this.#waiting.add(resolve));
		}
	}

	#end(): void {
		this.#ended = true;
		this.socket.destroy();
		this.#look();
	}

	#look(): void {
		const waiting = [...this.#waiting];
		this.#waiting.clear();
		for (const check of waiting) check();
	}
}

export function connectPacket(version: Version, fields: Partial<IConnectPacket> = {}): IConnectPacket {
	return {
		cmd: "connect",
		protocolId: version === 3 ? "MQIsdp" : "MQTT",
		protocolVersion: version,
		clean: true,
		keepalive: 0,
		clientId: "",
		...fields,
	};
}
