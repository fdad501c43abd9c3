/** Remembers the clients that were here lately: when they left, why, and what they sent and got. */

import type { EngineClient } from "./engine/engine";
import { type ClientTraffic, clientTraffic } from "./events";

/** A client that has gone. One that came back since is also among those who are connected. */
export interface ClientRecord {
	readonly id: string;
	/** `null` for a client that gave no user name. */
	readonly user: string | null;
	readonly address: string;
	readonly listener: string;
	/** 3 is MQTT 3.1, 4 is 3.1.1, 5 is 5.0. */
	readonly protocolVersion: 3 | 4 | 5;
	/** Milliseconds since 1970. */
	readonly connectedAt: number;
	/** Milliseconds since 1970. */
	readonly disconnectedAt: number;
	/** One sentence, for people. */
	readonly reason: string;
	readonly traffic: ClientTraffic;
}

/** How many clients are remembered. */
const SIZE = 500;

/** One record a client id, so that one client that comes and goes all the time does not push out the others. */
export class ClientHistory {
	readonly #records = new Map<string, ClientRecord>();

	/** @param size the most records that are kept */
	constructor(readonly size = SIZE) {}

	/** @param at milliseconds since 1970 */
	left(client: EngineClient, reason: string, at: number): void {
		const { id, access, peer, protocolVersion, connectedAt, traffic } = client;
		// A Map keeps the order of insertion: the oldest record is the first.
		this.#records.delete(id);
		this.#records.set(id, {
			id,
			user: access.user,
			address: peer.address,
			listener: peer.listener,
			protocolVersion,
			connectedAt,
			disconnectedAt: at,
			reason,
			traffic: clientTraffic(traffic),
		});
		const oldest = this.#records.keys().next();
		if (this.#records.size > this.size && !oldest.done) this.#records.delete(oldest.value);
	}

	/** The one that left last comes first. */
	list(): ClientRecord[] {
		return [...this.#records.values()].reverse();
	}
}
