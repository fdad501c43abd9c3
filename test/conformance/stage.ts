/** Where one case plays: its clients, with names of their own on a broker that many cases share. */

import { expect } from "@jest/globals";
import type { IConnackPacket, IConnectPacket } from "mqtt-packet";
import { connectPacket, RawClient } from "../helpers/raw-client";
import { brief, Client, type Publish } from "./client";
import type { StandardVersion } from "./statements";
import type { RestartableTarget, Target } from "./target";

export type ConnectFields = Partial<IConnectPacket>;

export class Stage {
	readonly #clients: Client[] = [];
	readonly #restartables: RestartableTarget[] = [];
	#ids = 0;

	constructor(
		readonly target: Target,
		readonly version: StandardVersion,
		/** Unique among the cases that run on the target. */
		readonly name: string,
	) {}

	get v5(): boolean {
		return this.version === 5;
	}

	/** A client id that nobody else has; only letters and digits. */
	id(): string {
		this.#ids += 1;
		return `${this.name}n${this.#ids}`;
	}

	/** A topic that nobody else has. */
	topic(end = "t"): string {
		return `${this.name}/${end}`;
	}

	/** A connection on which nothing was sent. */
	async open(version: 3 | StandardVersion = this.version, port = this.target.port): Promise<Client> {
		const raw = await RawClient.open(port, version);
		const client = new Client(raw, nameOf(this.#clients.length));
		this.#clients.push(client);
		return client;
	}

	/** CONNECT and the answer, whatever it is. */
	async connect(
		fields: ConnectFields = {},
		port = this.target.port,
	): Promise<{ client: Client; connack: IConnackPacket; code: number }> {
		const client = await this.open(this.version, port);
		client.send(connectPacket(this.version, { clientId: this.id(), ...fields }));
		const connack = await client.expect("connack");
		return { client, connack, code: (this.v5 ? connack.reasonCode : connack.returnCode) ?? -1 };
	}

	/** A client that is logged in. */
	async login(fields: ConnectFields = {}, port = this.target.port): Promise<Client> {
		const { client, code } = await this.connect(fields, port);
		if (code !== 0) throw new Error(`CONNECT was refused with ${code}`);
		return client;
	}

	/** Fields for a session that outlives its connection, in the words of the version. */
	lasting(clientId: string, fields: ConnectFields = {}): ConnectFields {
		const { properties, ...others } = fields;
		const all = { clientId, clean: false, ...others };
		return this.v5 ? { ...all, properties: { sessionExpiryInterval: 3_600, ...properties } } : all;
	}

	/** Waits until everything that the publisher has sent so far would have come to the client. */
	async fence(client: Client, publisher: Client): Promise<void> {
		const topic = `fence/${this.id()}`;
		await client.subscribe(topic, 0);
		publisher.send({ cmd: "publish", topic, payload: "", qos: 0, dup: false, retain: false });
		await client.expect("publish", (packet) => packet.topic === topic);
		await client.ping();
	}

	/** What came to the client and was not taken, once all has come; not acknowledged. */
	async settled(client: Client, publisher: Client): Promise<string[]> {
		await this.fence(client, publisher);
		return client.pending().map(brief);
	}

	/** The broker closes the connection; one of MQTT 5 says why. */
	async refuses(client: Client, reasonCode: number | readonly number[]): Promise<void> {
		const code = await client.closed();
		if (!this.v5) expect(code).toBeUndefined();
		else if (this.target.explains) expect([reasonCode].flat()).toContain(code);
	}

	/** Time that must pass; nothing tells when it has. */
	pass(seconds: number): Promise<void> {
		return new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
	}

	/** A target of this case alone, which keeps what is durable when it is restarted. */
	async restartable(settings?: object): Promise<RestartableTarget> {
		const made = await this.target.restartable(settings);
		this.#restartables.push(made);
		return made;
	}

	/** What was wrong with the broker's packets in themselves. */
	problems(): string[] {
		return this.#clients.flatMap((client) => client.problems);
	}

	/** All that went over the connections. */
	record(): string {
		return this.#clients.flatMap((client) => client.record).join("\n");
	}

	/** Cuts the connections: who still waits for a packet fails. */
	cut(): void {
		for (const client of this.#clients) client.drop();
	}

	async end(): Promise<void> {
		this.cut();
		for (const one of this.#restartables.splice(0)) await one.stop();
	}
}

/** For `toEqual`. */
export function briefs(packets: readonly Publish[]): string[] {
	return packets.map(brief);
}

/** A to Z, then A1 to Z1 and so on. */
function nameOf(at: number): string {
	return `${String.fromCharCode(65 + (at % 26))}${at < 26 ? "" : Math.floor(at / 26)}`;
}
