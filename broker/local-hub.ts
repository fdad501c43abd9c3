/** The clients inside this process: takes every publication once and hands it to those who subscribed. */

import type { SessionAccess } from "./access/access";
import type { Engine } from "./engine/engine";
import { FlowbrokerError, toFlowbrokerError } from "./errors";
import type { Delivery, LocalClient, LocalSubscribeOptions, LocalSubscription } from "./local-client";
import type { Message, QoS } from "./message";
import { whyNotMessage } from "./message-refusal";
import { matchesTopic } from "./topic";
import { checkFilter } from "./topic-refusal";
import { TopicTrie } from "./topic-trie";

export class LocalHub {
	readonly #engine: Pick<Engine, "publish">;
	readonly #retained: (filters: readonly string[]) => Message[];
	readonly #subscriptions = new TopicTrie<Subscription>();
	#clients = 0;

	constructor(engine: Pick<Engine, "publish">, retained: (filters: readonly string[]) => Message[]) {
		this.#engine = engine;
		this.#retained = retained;
	}

	/** Hands a publication to every subscription with a filter that selects it, once each. */
	dispatch(message: Message, origin: string | undefined): void {
		const found = this.#subscriptions.match(message.topic);
		if (found.length === 0) return;
		const seen = found.length === 1 ? undefined : new Set<Subscription>();
		for (const subscription of found) {
			if (seen?.has(subscription)) continue;
			seen?.add(subscription);
			subscription.live(message, origin);
		}
	}

	client(name: string, access: SessionAccess): LocalClient {
		const id = `${++this.#clients}:${name}`;
		const open = new Set<Subscription>();
		return {
			name,
			access,
			publish: (message, done = () => {}) => this.#publish(message, id, access, done),
			publishNoting: (message, done, taken) => this.#publish(message, id, access, done, taken),
			subscribe: (filters, options, receive) => {
				const subscription = this.#subscribe(filters, options, receive, id, access, (ended) => open.delete(ended));
				open.add(subscription);
				return subscription;
			},
			close: () => {
				for (const subscription of [...open]) subscription.close();
			},
		};
	}

	#publish(
		message: Message,
		id: string,
		access: SessionAccess,
		done: (error?: FlowbrokerError) => void,
		taken?: () => void,
	): void {
		const refusal = whyNotMessage(message);
		if (refusal) {
			done(refusal);
			return;
		}
		const decision = access.mayPublish(message.topic);
		if (!decision.allow) {
			done(new FlowbrokerError("NOT_ALLOWED", `Publishing to "${message.topic}" is not allowed: ${decision.reason}.`));
			return;
		}
		const ended = (error?: Error) =>
			done(
				error && toFlowbrokerError(error, "ENGINE_FAULT", `Publishing to "${message.topic}" failed: ${error.message}.`),
			);
		this.#engine.publish(message, id, ended, taken);
	}

	#subscribe(
		filters: readonly string[],
		options: LocalSubscribeOptions,
		receive: (delivery: Delivery) => void,
		id: string,
		access: SessionAccess,
		ended: (subscription: Subscription) => void,
	): Subscription {
		for (const filter of filters) {
			checkFilter(filter);
			const decision = access.maySubscribe(filter);
			if (!decision.allow) {
				throw new FlowbrokerError("NOT_ALLOWED", `Subscribing to "${filter}" is not allowed: ${decision.reason}.`);
			}
		}
		const subscription = new Subscription(filters, options, receive, id, access, () => {
			for (const filter of filters) this.#subscriptions.remove(filter, subscription);
			ended(subscription);
		});
		for (const filter of filters) this.#subscriptions.add(filter, subscription);
		if (options.retainHandling !== 2) subscription.takeRetained(() => this.#retained(filters));
		return subscription;
	}
}

class Subscription implements LocalSubscription {
	readonly #options: LocalSubscribeOptions;
	readonly #receive: (delivery: Delivery) => void;
	readonly #client: string;
	readonly #access: SessionAccess;
	readonly #end: () => void;
	readonly #most: QoS;
	/** Live messages that arrive before the retained ones were handed over: those come first. */
	#waiting: Message[] | undefined;
	#closed = false;

	constructor(
		readonly filters: readonly string[],
		options: LocalSubscribeOptions,
		receive: (delivery: Delivery) => void,
		client: string,
		access: SessionAccess,
		end: () => void,
	) {
		this.#options = options;
		this.#receive = receive;
		this.#client = client;
		this.#access = access;
		this.#end = end;
		this.#most = options.qos ?? 2;
	}

	close(): void {
		if (this.#closed) return;
		this.#closed = true;
		this.#end();
	}

	live(message: Message, origin: string | undefined): void {
		if (this.#options.noLocal && origin === this.#client) return;
		if (this.#waiting) this.#waiting.push(message);
		else this.#hand(message, message.retain && this.#options.retainAsPublished === true);
	}

	/** Hands over retained messages, not before the caller has the subscription. */
	takeRetained(lookup: () => Message[]): void {
		const waiting: Message[] = [];
		this.#waiting = waiting;
		setImmediate(() => {
			this.#waiting = undefined;
			// A value that was replaced in the meantime arrives as the live message that replaced it.
			const replaced = new Set(waiting.filter(({ retain }) => retain).map(({ topic }) => topic));
			for (const message of lookup()) if (!replaced.has(message.topic)) this.#hand(message, true);
			for (const message of waiting) this.#hand(message, message.retain && this.#options.retainAsPublished === true);
		});
	}

	#hand(message: Message, retain: boolean): void {
		if (this.#closed || !this.#access.mayReceive(message.topic).allow) return;
		const { topic, payload, properties } = message;
		const only = this.filters.length === 1;
		const filters = only ? this.filters : this.filters.filter((filter) => matchesTopic(filter, topic));
		const qos = Math.min(message.qos, this.#most) as QoS;
		this.#receive(
			properties ? { topic, payload, qos, retain, properties, filters } : { topic, payload, qos, retain, filters },
		);
	}
}
