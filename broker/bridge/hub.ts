/** What all bridges of one broker have in common: each publication is looked at once, and has one mark for all of them. */

import type { SessionAccess } from "../access/access";
import { FlowbrokerError } from "../errors";
import type { Delivery, LocalClient, LocalSubscription } from "../local-client";
import type { Message } from "../message";
import type { Store } from "../store/store";
import type { BridgeState } from "./bridge-options";
import { markOf, withMark } from "./mark";
import { RepeatGuard } from "./repeat-guard";

/** One bridge, as the hub sees it. */
export interface BridgePort {
	/** No two bridges of one broker have the same. */
	readonly id: string;
	/** What may leave. */
	readonly localFilters: readonly string[];
	/** What may come in; undefined: everything. Known when the first message comes in. */
	readonly access: SessionAccess | undefined;
	/** Messages are to be marked when they leave. */
	readonly marks: boolean;
	/** Does it take messages of this topic out? */
	takes(topic: string): boolean;
	leave(delivery: Delivery): void;
	readonly state: BridgeState;
	/** The store can be used from now on, and nothing was published yet. */
	begin(): void;
	/** The store can't be used any more. */
	end(): void;
}

/** What a bridge may do at the broker in this process. */
export interface BridgeGate {
	/** Publishes what came over the bridge: it does not go back there. The rest is as in {@link LocalClient.publishNoting}. */
	publish(message: Message, done: (error?: FlowbrokerError) => void, taken: () => void): void;
	close(): void;
}

interface Arrival {
	readonly port: BridgePort;
	readonly topic: string;
}

type ClientFor = (name: string, access?: SessionAccess) => LocalClient;

export class BridgeHub {
	/** Where bridges keep what is under way, each in a session of its own. */
	readonly store: Store;
	readonly #clientFor: ClientFor;
	readonly #guard = new RepeatGuard();
	readonly #ports = new Set<BridgePort>();
	/** Ids of bridges that have missed something: they have ended, and the broker goes on. */
	readonly #missing = new Set<string>();
	/** What bridges publish at this moment: by payload, an object that belongs to one message. */
	readonly #arrivals = new WeakMap<Buffer, Arrival>();
	#isOpen = false;
	#listener: LocalClient | undefined;
	#subscription: LocalSubscription | undefined;

	/** @param clientFor makes a client inside the process; without access one that may do everything */
	constructor(clientFor: ClientFor, store: Store) {
		this.#clientFor = clientFor;
		this.store = store;
	}

	/** @throws FlowbrokerError OPTION_INVALID for a second bridge with the same id */
	open(port: BridgePort): BridgeGate {
		let client: LocalClient | undefined;
		if ([...this.#ports].some(({ id }) => id === port.id)) throw taken(port.id);
		this.#ports.add(port);
		this.#subscribe();
		if (this.#isOpen) port.begin();
		return {
			publish: (message, done, taken) => {
				client ??= this.#clientFor("bridge", port.access);
				this.#publish(port, client, message, done, taken);
			},
			close: () => {
				this.#ports.delete(port);
				if (this.#isOpen) this.#missing.add(port.id);
				this.#subscribe();
			},
		};
	}

	/** How they are doing, in the order in which they were started. */
	get states(): BridgeState[] {
		return Array.from(this.#ports, ({ state }) => state);
	}

	/** Has it missed something, since it ended while the broker went on? Asked once. */
	hasMissed(id: string): boolean {
		return this.#missing.delete(id);
	}

	/** The store is open. */
	begin(): void {
		this.#isOpen = true;
		for (const port of this.#ports) port.begin();
	}

	/** The store is about to be closed. */
	end(): void {
		this.#isOpen = false;
		for (const port of this.#ports) port.end();
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

	#publish(
		port: BridgePort,
		client: LocalClient,
		message: Message,
		done: (error?: FlowbrokerError) => void,
		taken: () => void,
	): void {
		const { topic, payload } = message;
		this.#arrivals.set(payload, { port, topic });
		const ended = (error?: FlowbrokerError) => {
			// An engine may tell those in this process after the publisher.
			setImmediate(() => this.#arrivals.delete(payload));
			done(error);
		};
		client.publishNoting(message, ended, taken);
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

function taken(id: string): FlowbrokerError {
	const sentence = `The broker has a bridge with the id "${id}" already. Give each bridge an id of its own.`;
	return new FlowbrokerError("OPTION_INVALID", sentence);
}
