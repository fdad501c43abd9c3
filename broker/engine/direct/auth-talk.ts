/** An enhanced authentication with AUTH packets: with CONNECT, and again later on the same connection. [MQTT 5, 4.12] */

import type { AuthExchange, LoginResult } from "../../access/access";
import { decodeAuth, encodeAuth, type PropertyValues, packetType, type WireProblem } from "../../wire";
import type { Connection } from "./connection";

const SUCCESS = 0;
const CONTINUE = 0x18;

const NOT_AUTH: WireProblem = { reasonCode: 0x82, text: "sent another packet in the middle of its authentication" };
const NOT_CONTINUE: WireProblem = { reasonCode: 0x82, text: "sent AUTH with a reason that does not belong there" };
export const OTHER_METHOD: WireProblem = {
	reasonCode: 0x82,
	text: "changed its authentication method [MQTT-4.12.0-5] [MQTT-4.12.1-1]",
};

export interface AuthOutcome {
	refused(result: LoginResult & { ok: false }): void;
	/** @param data for the client */
	done(result: LoginResult & { ok: true }, data: Buffer): void;
	/** Something went wrong inside the broker. */
	failed(error: Error): void;
}

export class AuthTalk {
	readonly #connection: Connection;
	readonly #exchange: AuthExchange;
	readonly #outcome: AuthOutcome;

	constructor(
		connection: Connection,
		readonly method: string,
		exchange: AuthExchange,
		outcome: AuthOutcome,
	) {
		this.#connection = connection;
		this.#exchange = exchange;
		this.#outcome = outcome;
	}

	/** For the packet that ends the talk. */
	properties(data: Buffer | undefined): PropertyValues {
		return { authenticationMethod: this.method, ...(data && { authenticationData: data }) };
	}

	/** The next packet of the client, which has to be AUTH. */
	packet(packet: Buffer): void {
		if ((packet[0] as number) >> 4 !== packetType.auth) {
			this.#connection.refuse(NOT_AUTH);
			return;
		}
		const { reasonCode, properties } = decodeAuth(packet);
		if (properties?.authenticationMethod !== this.method) this.#connection.refuse(OTHER_METHOD);
		else if (reasonCode !== CONTINUE) this.#connection.refuse(NOT_CONTINUE);
		else this.take(properties.authenticationData);
	}

	/** The connection is held meanwhile; it is released where the client has to say more. */
	take(data: Buffer | undefined): void {
		this.#connection.hold();
		void this.#step(data).catch((error: Error) => this.#outcome.failed(error));
	}

	async #step(data: Buffer | undefined): Promise<void> {
		const step = await this.#exchange.step(data);
		if (this.#connection.closed) return;
		switch (step.kind) {
			case "continue":
				this.#connection.out.write(encodeAuth(CONTINUE, this.properties(step.data)));
				this.#connection.release();
				break;
			case "refused":
				this.#outcome.refused(step.result);
				break;
			case "done":
				this.#outcome.done(step.result, step.data);
				break;
		}
	}

	/** Ends a talk on a connection that is logged in. */
	succeed(data: Buffer): void {
		this.#connection.out.write(encodeAuth(SUCCESS, this.properties(data)));
	}
}
