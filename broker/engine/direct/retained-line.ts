/** Retained messages on their way to one client, one subscription after the other, as fast as the client reads. */

import type { QoS } from "../../message";
import { isExpired, withTimeLeft } from "../../store/expiry";
import type { Store, StoredMessage } from "../../store/store";
import type { DirectClient } from "./client";
import { forSession, type Keys, Publication } from "./publication";
import type { Subscription } from "./router";

/** Subscriptions whose messages may wait before the client has to wait with its next SUBSCRIBE. */
const MOST_LISTS = 32;
/** Bytes that may wait for the client before the line does: live messages find room behind it. */
const BACKLOG = 65_536;

interface List {
	readonly subscription: Subscription;
	readonly messages: readonly StoredMessage[];
	next: number;
	/** Others have been published since the messages were looked up. */
	isLate: boolean;
}

export class RetainedLine {
	readonly #client: DirectClient;
	readonly #store: Pick<Store, "retained">;
	#lists: List[] = [];
	readonly #keys: Keys;
	#holding = false;
	#isOver = false;

	constructor(client: DirectClient, store: Pick<Store, "retained">, keys: Keys) {
		this.#client = client;
		this.#store = store;
		this.#keys = keys;
	}

	/** @param filter as it selects topics */
	send(subscription: Subscription, filter: string): void {
		if (this.#isOver) return;
		const messages = this.#store.retained([filter]);
		if (messages.length === 0) return;
		this.#lists.push({ subscription, messages, next: 0, isLate: false });
		if (this.#lists.length >= MOST_LISTS && !this.#holding) {
			this.#holding = true;
			this.#client.connection.hold();
		}
		this.pump();
	}

	/** Sends as many as may go. */
	pump(): void {
		for (let list = this.#lists[0]; list; list = this.#lists[0]) {
			while (list.next < list.messages.length) {
				if (!this.#mayGo(list)) {
					list.isLate = true;
					return;
				}
				this.#one(list, list.messages[list.next++] as StoredMessage);
			}
			this.#lists.shift();
		}
		this.#release();
	}

	/** Nobody reads any more, also nothing that is asked for from now on. */
	giveUp(): void {
		this.#isOver = true;
		this.#lists = [];
		this.#release();
	}

	#release(): void {
		if (!this.#holding) return;
		this.#holding = false;
		this.#client.connection.release();
	}

	#mayGo({ subscription, messages, next }: List): boolean {
		const { connection, session } = this.#client;
		if (connection.closed || !connection.out.roomBelow(BACKLOG)) return false;
		return Math.min(subscription.qos, messages[next]?.qos ?? 0) === 0 || session.outflow.hasRoom;
	}

	#one({ subscription, isLate }: List, message: StoredMessage): void {
		const { topic, expiresAt } = message;
		const { qos, identifier, session, filter } = subscription;
		const now = Date.now();
		if (isExpired(message, now) || session.subscriptions.get(filter) !== subscription) return;
		// One that was replaced since has come as a live message: the old value must not come behind it.
		if (isLate && this.#store.retained([topic])[0] !== message) return;
		if (!this.#client.mayReceive(topic)) return;
		if (Math.min(qos, message.qos) === 0) {
			const sent = expiresAt === undefined ? message : withTimeLeft(message, now);
			this.#client.sendAtMostOnce(new Publication(sent, this.#keys), true, identifier);
			return;
		}
		const lower = Math.min(message.qos, qos) as QoS;
		session.outflow.add(this.#keys.nextKey(), forSession(message, lower, true, identifier));
	}
}
