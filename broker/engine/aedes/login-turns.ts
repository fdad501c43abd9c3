/**
 * Lets connections with the same client id log in one after the other, and ends the one before. aedes goes wrong when
 * several come at about the same time: some of them stay, and share a session.
 */

import type { Login, LoginResult } from "../../access/access";
import { AedesClient, type Visitor } from "./aedes-client";
import { Turns } from "./turns";

/** MQTT 5 reason code. */
const SESSION_TAKEN_OVER = 0x8e;

const GONE: LoginResult = { ok: false, refusal: "not-allowed", reason: "the connection is gone" };

/** A client of aedes. */
type Below = Parameters<typeof AedesClient.of>[0];

export interface LoginQuestions {
	login(login: Login): Promise<LoginResult>;
	/** The client of aedes that has the client id now. */
	holder(clientId: string): Below | undefined;
	/** The user whose client id it is; `null` for an anonymous client, undefined where nobody has it. */
	owner(clientId: string): string | null | undefined;
	/** Is the connection still there? */
	isHere(visitor: Visitor): boolean;
}

export class LoginTurns {
	readonly #questions: LoginQuestions;
	readonly #turns = new Turns();
	/** Who waits for the end of a client. */
	readonly #awaited = new Map<Below, () => void>();

	constructor(questions: LoginQuestions) {
		this.#questions = questions;
	}

	/** When it resolves with a yes, nobody else has the client id. The turn lasts until `visitor.endTurn` is called. */
	async login(login: Login, visitor: Visitor): Promise<LoginResult> {
		const { clientId } = login;
		for (;;) {
			const result = await this.#questions.login(login);
			if (!result.ok) return result;
			const judged = this.#questions.owner(clientId);
			const endTurn = await this.#turns.take(clientId);
			const owner = this.#questions.owner(clientId);
			// The session went to another user while this one waited: may it still be had?
			const again = owner !== undefined && owner !== judged && owner !== result.access.user;
			if (!again && this.#questions.isHere(visitor)) {
				visitor.endTurn = endTurn;
				await this.#takeOver(clientId);
				return result;
			}
			endTurn();
			if (!again) return GONE;
		}
	}

	/** aedes is done with the client. */
	ended(below: Below): void {
		this.#awaited.get(below)?.();
	}

	/** Ends the connection that has the client id now. Resolves when nothing of it can happen any more. */
	async #takeOver(clientId: string): Promise<void> {
		const below = this.#questions.holder(clientId);
		const older = below && AedesClient.of(below);
		if (!below || !older) return;
		const { stream } = older;
		const ended = new Promise<void>((resolve) => this.#awaited.set(below, resolve));
		const closed = new Promise<void>((resolve) => {
			if (stream.closed) resolve();
			else stream.once("close", resolve);
		});
		older.disconnect(SESSION_TAKEN_OVER, "another connection with the same client id took over");
		await Promise.all([ended, closed]);
		this.#awaited.delete(below);
	}
}
