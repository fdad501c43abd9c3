/** What one client does in one row of the table, and what is seen of it; the same for both brokers. */

import type { IConnectPacket, Packet } from "mqtt-packet";
import { connectPacket, RawClient } from "../../helpers/raw-client";
import { users } from "./files";

/** The brokers of the table differ in what they are given. */
export type Place = "anonymous too" | "users only" | "no passwords" | "nobody";
export type Ports = Readonly<Record<Place, number>>;
export type Version = 4 | 5;
export type QoS = 0 | 1 | 2;

export type Fields = Omit<Partial<IConnectPacket>, "clientId" | "password"> & {
	readonly clientId?: string;
	readonly password?: string;
};

/** Does something and says what was seen. */
export type Act = (stage: Stage) => Promise<string>;

export class Stage {
	readonly #clients: RawClient[] = [];
	#number = 0;

	constructor(
		readonly ports: Ports,
		readonly version: Version,
		/** Part of all client ids and payloads. */
		readonly name: string,
	) {}

	/** A client id that nobody else has. */
	id(): string {
		return `${this.name}-${this.#number++}`;
	}

	/** Sends CONNECT and waits for the answer: `CONNACK 0`, or `closed`. */
	async connect(fields: Fields, place: Place = "anonymous too"): Promise<{ client: RawClient; answer: string }> {
		const client = await RawClient.open(this.ports[place], this.version);
		this.#clients.push(client);
		const { password, ...others } = fields;
		client.send(
			connectPacket(this.version, {
				clientId: this.id(),
				...others,
				...(password === undefined ? {} : { password: Buffer.from(password) }),
			}),
		);
		return { client, answer: await connackOf(client) };
	}

	/** A client that is logged in; `null` has no user name. */
	async login(user: string | null, fields: Fields = {}): Promise<RawClient> {
		const { client, answer } = await this.connect({ ...loginOf(user), ...fields });
		if (!answer.startsWith("CONNACK 0")) throw new Error(`${user} cannot log in: ${answer}`);
		return client;
	}

	/** An administrator who gets all that is published to the topic, also when it is none or only pretends to be. */
	async witness(topic: string): Promise<RawClient> {
		const admin = await this.login("admin");
		const plain = topic.replace(/^\$share\/[^/]+\//, "");
		await subscribe(admin, [plain === "" || /[+#]/.test(plain) ? "#" : plain], 2);
		return admin;
	}

	end(): void {
		for (const client of this.#clients) client.drop();
	}
}

export function loginOf(user: string | null): Fields {
	return user === null ? {} : { username: user, password: users[user] ?? "" };
}

export async function connackOf(client: RawClient): Promise<string> {
	const connack = await client.expect("connack").catch(() => undefined);
	if (!connack) return "closed";
	const code = client.version === 5 ? connack.reasonCode : connack.returnCode;
	return `CONNACK ${code}${connack.sessionPresent ? ", session present" : ""}`;
}

/** `SUBACK` with its codes, or `closed`. */
export async function subscribe(client: RawClient, filters: readonly string[], qos: QoS = 1): Promise<string> {
	client.send({ cmd: "subscribe", messageId: 1, subscriptions: filters.map((topic) => ({ topic, qos })) } as Packet);
	const suback = await client.expect("suback").catch(() => undefined);
	return suback ? `SUBACK ${suback.granted.join(" ")}` : ending(client);
}

/** Publishes as QoS asks; says what the acknowledgements were. */
export async function publish(client: RawClient, topic: string, qos: QoS = 1, fields: object = {}): Promise<string> {
	const messageId = qos === 0 ? {} : { messageId: 7 };
	client.send({ cmd: "publish", topic, payload: "x", qos, dup: false, retain: false, ...messageId, ...fields });
	try {
		if (qos === 0) return "sent";
		if (qos === 1) return `PUBACK ${(await client.expect("puback")).reasonCode ?? 0}`;
		const { reasonCode = 0 } = await client.expect("pubrec");
		if (reasonCode >= 0x80) return `PUBREC ${reasonCode}`;
		client.send({ cmd: "pubrel", messageId: 7 });
		await client.expect("pubcomp");
		return `PUBREC ${reasonCode}, PUBCOMP`;
	} catch {
		return ending(client);
	}
}

/** `open` when the broker still answers: then it has also handled all that was sent before. */
export async function state(client: RawClient): Promise<string> {
	try {
		await client.ping();
		await client.ping();
		return "open";
	} catch {
		return ending(client);
	}
}

/** The messages that came, each with topic, QoS and retain flag. */
export async function received(client: RawClient): Promise<string> {
	const end = await state(client);
	const messages = client.inbox.flatMap((packet) =>
		packet.cmd === "publish" ? [`${packet.topic} (QoS ${packet.qos}${packet.retain ? ", retained" : ""})`] : [],
	);
	const list = messages.length === 0 ? "gets nothing" : `gets ${messages.join(" and ")}`;
	return end === "open" ? list : `${list}, ${end}`;
}

/** How the broker ended the connection. */
async function ending(client: RawClient): Promise<string> {
	await client.closed();
	const last = client.inbox.find(({ cmd }) => cmd === "disconnect") as { reasonCode?: number } | undefined;
	return last ? `closed with DISCONNECT ${last.reasonCode}` : "closed";
}
