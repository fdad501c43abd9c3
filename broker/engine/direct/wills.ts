/** What is published for clients that are lost: kept from CONNECT on, sent at once or after their delay. */

import type { Message } from "../../message";
import type { Store } from "../../store/store";
import type { EngineHooks } from "../engine";
import type { DirectClient } from "./client";
import { LongTimer } from "./long-timer";
import type { Publisher } from "./publisher";

export interface Will {
	readonly message: Message;
	/** Seconds between the loss and the will, unless the client comes back. */
	readonly delay: number;
}

interface Delayed {
	readonly timer: LongTimer;
	readonly send: () => void;
}

export class Wills {
	readonly #hooks: EngineHooks;
	readonly #store: Store;
	readonly #publisher: Publisher;
	readonly #delayed = new Map<string, Delayed>();

	constructor(hooks: EngineHooks, store: Store, publisher: Publisher) {
		this.#hooks = hooks;
		this.#store = store;
		this.#publisher = publisher;
	}

	/** The client has logged in: if the process dies, the next one sends its will. */
	keep(client: DirectClient): void {
		const { will } = client.terms;
		if (!will || !client.access.mayPublish(will.message.topic).allow) return;
		this.#store.keepWill(client.id, { ...will.message, delay: will.delay, user: client.access.user });
	}

	/** The client was lost. @param expiry seconds until its session ends */
	lost(client: DirectClient, expiry: number): void {
		const { will } = client.terms;
		if (!will) return;
		const delay = Math.min(will.delay, expiry);
		const send = () => this.#send(client, will);
		if (delay === 0) send();
		else this.#delayed.set(client.id, { timer: new LongTimer(delay * 1_000, send), send });
	}

	/** It has left in peace, or it is back: its will is not to be sent. */
	forget(clientId: string): void {
		const delayed = this.#delayed.get(clientId);
		delayed?.timer.cancel();
		this.#delayed.delete(clientId);
		this.#store.dropWill(clientId);
	}

	/** Its session is over: a will that waits is sent now. [MQTT-3.1.3-9] */
	sessionOver(clientId: string): void {
		const delayed = this.#delayed.get(clientId);
		if (!delayed) return;
		delayed.timer.cancel();
		delayed.send();
	}

	/** What waits is left to the store. */
	stop(): void {
		for (const { timer } of this.#delayed.values()) timer.cancel();
		this.#delayed.clear();
	}

	#send(client: DirectClient, { message }: Will): void {
		this.#delayed.delete(client.id);
		this.#store.dropWill(client.id);
		const { allow, reason } = client.access.mayPublish(message.topic);
		if (allow) this.#publisher.arrived(message, client.session);
		else this.#hooks.denied(client, "publish", message.topic, reason);
	}
}
