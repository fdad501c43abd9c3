/** What all bridges of one broker have in common: each publication is looked at once, and has one mark for all of them. */

import type { SessionAccess } from "../access/access";
import type { FlowbrokerError } from "../errors";
import type { Delivery, LocalClient, LocalSubscription } from "../local-client";
import type { Message } from "../message";
import type { Store } from "../store/store";
import { markOf, withMark } from "./mark";
import { RepeatGuard } from "./repeat-guard";

/** One bridge, as the hub sees it. */
export interface BridgePort {
	/** What may leave. */
	readonly localFilters: readonly string[];
	/** What may come in; undefined: everything. Known when the first message comes in. */
	readonly access: SessionAccess | undefined;
	/** Messages are to be marked when they leave. */
	readonly marks: boolean;
	/** Does it take messages of this topic out? */
	takes(topic: string): boolean;
	leave(delivery: Delivery): void;
	/** As {@link Store.flushed}, for what is to leave. */
	flushed(): Promise<void> | undefined;
}

/** What a bridge may do at the broker in this process. */
export interface BridgeGate {
	/** Publishes what came over the bridge: it does not go back there. @param done as in {@link LocalClient.publish} */
	publish(message: Message, done: (error?: FlowbrokerError) => void): void;
	close(): void;
}

interface Arrival {
	readonly port: BridgePort;
	readonly topic: string;
}

type ClientFor = (name: string, access?: SessionAccess) => LocalClient;

export class BridgeHub {
	readonly #clientFor: ClientFor;
	readonly #guard = new RepeatGuard();
	readonly #ports = new Set<BridgePort>();
	/** What bridges publish at this moment: by payload, an object that belongs to one message. */
	readonly #arrivals = new WeakMap<Buffer, Arrival>();
	#listener: LocalClient | undefined;
	#subscription: LocalSubscription | undefined;

	/** @param clientFor makes a client inside the process; without access one that may do everything */
	constructor(clientFor: ClientFor) {
		this.#clientFor = clientFor;
	}

	open(port: BridgePort): BridgeGate {
		let client: LocalClient | undefined;
		this.#ports.add(port);
		this.#subscribe();
		return {
			publish: (message, done) => {
				client ??= this.#clientFor("bridge", port.access);
				this.#publish(port, client, message, done);
			},
			close: () => {
				this.#ports.delete(port);
				this.#subscribe();
			},
		};
	}

	/**
	 * Asked for everything that is published: by clients, by this process, over bridges.
	 * @returns the message, with a mark where it will need one; undefined when it was here before
	 */
	arriving(message: Message): Message | undefined {
		if (markOf(message)) return this.#guard.isRepeat(message) ? undefined : message;
		for (const port of this.#ports) {
			if (port.marks && port.takes(message.topic)) return withMark(message, this.#guard.newMark());
		}
		return message;
	}

	/**
	 * Makes the promises of the broker's store those of the bridges, too: what is acknowledged to a client must not be lost
	 * on its way to another broker.
	 */
	promiseWith(store: Store): void {
		const own = store.flushed.bind(store);
		store.flushed = () => both(own(), this.#flushed());
	}

	#flushed(): Promise<void> | undefined {
		let all: Promise<void> | undefined;
		for (const port of this.#ports) all = both(all, port.flushed());
		return all;
	}

	#publish(port: BridgePort, client: LocalClient, message: Message, done: (error?: FlowbrokerError) => void): void {
		const { topic, payload } = message;
		this.#arrivals.set(payload, { port, topic });
		client.publish(message, (error) => {
			// An engine may tell those in this process after the publisher.
			setImmediate(() => this.#arrivals.delete(payload));
			done(error);
		});
	}

	/** One subscription for all: a publication comes once, also where several bridges want it. */
	#subscribe(): void {
		const before = this.#subscription;
		const filters = [...new Set([...this.#ports].flatMap(({ localFilters }) => localFilters))];
		this.#listener ??= this.#clientFor("bridges");
		const options = { retainAsPublished: true, retainHandling: 2 } as const;
		this.#subscription =
			filters.length === 0
				? undefined
				: this.#listener.subscribe(filters, options, (delivery) => this.#spread(delivery));
		before?.close();
	}

	#spread(delivery: Delivery): void {
		const arrival = this.#arrivals.get(delivery.payload);
		const source = arrival?.topic === delivery.topic ? arrival.port : undefined;
		for (const port of this.#ports) if (port !== source && port.takes(delivery.topic)) port.leave(delivery);
	}
}

function both(one: Promise<void> | undefined, other: Promise<void> | undefined): Promise<void> | undefined {
	return one && other ? Promise.all([one, other]).then(() => {}) : (one ?? other);
}
