/** Wills, which are in Redis: the process that has the client may die, and another one sends them. */

import type { AedesClient } from "../engine/aedes/aedes-client";
import type { Owner } from "../engine/aedes/aedes-persistence";
import type { Message } from "../message";
import type { RedisLink } from "./redis-link";
import { decodeMessage, encodeMessage, type SharedMessage } from "./shared-message";

/** Milliseconds for which no other process sends a will that one has begun to send. */
const SENDING = 30_000;

interface SharedWill {
	readonly process: string;
	/** Seconds after the loss of the client. */
	readonly delay: number;
	/** In base64. */
	readonly message: string;
}

export class SharedWills {
	readonly #link: RedisLink;
	/** Whose wills are kept. */
	readonly #owners = new Map<string, AedesClient>();

	constructor(link: RedisLink) {
		this.#link = link;
	}

	async put(client: AedesClient, message: SharedMessage): Promise<void> {
		const { willDelayInterval = 0, ...properties } = (message.properties ?? {}) as { willDelayInterval?: number };
		const will: SharedWill = {
			process: message.process,
			// Not later than the end of the session. [MQTT-3.1.2-8]
			delay: Math.min(willDelayInterval, client.patience),
			message: encodeMessage({ ...message, ...(message.properties && { properties }) }).toString("base64"),
		};
		this.#owners.set(client.id, client);
		await this.#link.run("putWill", client.id, JSON.stringify(will));
	}

	/**
	 * With a connection: it is that of a client that has logged in, and whatever was left goes. Without: told late, of
	 * an earlier connection; the will of one that is alive, here or elsewhere, stays.
	 */
	async delete({ id, conn }: Owner): Promise<void> {
		const owner = this.#owners.get(id);
		if (owner && !owner.stream.destroyed && owner.stream !== conn) return;
		this.#owners.delete(id);
		await this.#link.run("deleteWill", id, conn ? "" : this.#link.process);
	}

	/** Sends the will of a client whose process has died, unless another process does, or the client is back. */
	async send(id: string, publish: (will: Message) => Promise<void>): Promise<void> {
		const text = String(await this.#link.run("takeWill", id, Date.now(), SENDING));
		if (text === "") return;
		const { message } = JSON.parse(text) as SharedWill;
		const { topic, payload, qos, retain, properties } = decodeMessage(Buffer.from(message, "base64"));
		await publish({ topic, payload, qos, retain, ...(properties && { properties }) });
		await this.#link.run("sentWill", id, text);
	}
}
