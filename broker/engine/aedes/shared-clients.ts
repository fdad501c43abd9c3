/** Where clients are, among several processes: who holds a client id, who takes it over, and whose session waits. */

import type { LimitOptions } from "../../limits";
import type { AedesClient, Visitor } from "./aedes-client";
import type { SharedBackends } from "./shared-backends";

/** MQTT 5 reason code. */
const SESSION_TAKEN_OVER = 0x8e;
const TAKEN_OVER = "another connection with the same client id took over, at another process";

/** What is asked of the engine. */
export interface Premises {
	visitors(): Iterable<Visitor>;
	/** One that is logged in. */
	client(clientId: string): AedesClient | undefined;
	/** Sessions that wait for their clients, at whichever process. */
	absentSessions(): number;
	/** A session has ended because too many wait. */
	expired(clientId: string): void;
}

export class SharedClients {
	readonly #shared: SharedBackends;
	readonly #limits: LimitOptions;
	readonly #premises: Premises;

	constructor(shared: SharedBackends, limits: LimitOptions, premises: Premises) {
		this.#shared = shared;
		this.#limits = limits;
		this.#premises = premises;
	}

	/** Resolves when no other process has the client id any more, or the connection is gone. */
	async claim(visitor: Visitor, clientId: string): Promise<void> {
		visitor.clientId = clientId;
		visitor.claim = "asked";
		await this.#shared.claim(clientId, () => {
			visitor.claim = "held";
		});
		const visitors = [...this.#premises.visitors()];
		if (visitor.claim === undefined || visitors.includes(visitor)) return;
		// It went before it was held; perhaps it is here again.
		const isBack = visitors.some((one) => one.claim !== undefined && one.clientId === clientId);
		if (!isBack) this.#shared.left(clientId, undefined);
	}

	/** The client has come to another process. @returns false when it is not here */
	takenOver(clientId: string): boolean {
		const client = this.#premises.client(clientId);
		if (client) {
			client.disconnect(SESSION_TAKEN_OVER, TAKEN_OVER);
			return true;
		}
		const visitor = [...this.#premises.visitors()].find((one) => one.claim === "held" && one.clientId === clientId);
		visitor?.stream.refuse({ reasonCode: SESSION_TAKEN_OVER, text: TAKEN_OVER });
		return visitor !== undefined;
	}

	/** The connection has ended: all processes hear of it, and one of them ends the session in time. */
	left(visitor: Visitor): void {
		const { client, clientId } = visitor;
		if (visitor.claim !== "held" || clientId === undefined) return;
		delete visitor.claim;
		if (!client?.loggedIn) this.#shared.left(clientId, undefined);
		else if (client.clean) this.#shared.left(clientId, 0);
		else if (this.#premises.absentSessions() < this.#limits.absentSessions) {
			this.#shared.left(clientId, Math.min(client.patience, this.#limits.sessionExpiryMax));
		} else {
			this.#shared.left(clientId, 0);
			this.#premises.expired(clientId);
		}
	}
}
