/** Listens to the events of a broker, chooses those that are asked for and hands them on as messages. */

import type { EventEmitter } from "node:events";
import { BROKER_ORIGIN, type BrokerEventMap, matchesTopic } from "../../broker";
import { clientOf, type EventMessage, eventMessage, listenerOf, messageOf, storeProblemOf } from "./event-message";
import type { EventKind } from "./properties";
import { RateLimit } from "./rate-limit";
import type { EventSettings } from "./settings";
import { matchesWildcard } from "./wildcard";

type BrokerEvents = EventEmitter<BrokerEventMap>;
type Listeners = { readonly [Name in keyof BrokerEventMap]?: (...args: BrokerEventMap[Name]) => void };

/** Of which kind the broker's events are. */
const kindOf = {
	clientConnected: "connected",
	clientDisconnected: "disconnected",
	clientRefused: "refused",
	subscribed: "subscribed",
	unsubscribed: "unsubscribed",
	published: "published",
	denied: "denied",
	dropped: "dropped",
	queueFull: "dropped",
	retainedFull: "dropped",
	clientSlowed: "slowed",
	banned: "banned",
	listener: "listener",
	certificateEnding: "certificate",
	storeProblem: "store",
} as const satisfies Partial<Record<keyof BrokerEventMap, EventKind>>;

type ReportedEvent = keyof typeof kindOf;

export interface ReporterOutput {
	send(message: EventMessage): void;
	/** Is the present publication one that the flow makes because of an event that it was sent? */
	isReaction(): boolean;
}

export class EventReporter {
	readonly #settings: EventSettings;
	readonly #output: ReporterOutput;
	readonly #limit: RateLimit<EventKind>;
	readonly #listeners: Listeners;
	#events: BrokerEvents | undefined;

	constructor(settings: EventSettings, output: ReporterOutput) {
		this.#settings = settings;
		this.#output = output;
		this.#limit = new RateLimit(settings.rate, (events) => this.#tellRest(events));
		this.#listeners = this.#makeListeners();
	}

	/** Listens to these events instead of those before. Without events it keeps listening: a broker may be stopping. */
	attach(events: BrokerEvents | undefined): void {
		if (!events || events === this.#events) return;
		this.#detach();
		this.#events = events;
		for (const [name, listener] of this.#wanted()) events.on(name, listener);
	}

	close(): void {
		this.#detach();
		this.#limit.close();
	}

	#detach(): void {
		for (const [name, listener] of this.#wanted()) this.#events?.off(name, listener);
		this.#events = undefined;
	}

	/** Listeners are there only for what is asked for: the rest costs the broker nothing. */
	#wanted(): Array<[name: ReportedEvent, listener: () => void]> {
		const names = Object.keys(kindOf) as ReportedEvent[];
		return names
			.filter((name) => this.#settings.kinds.has(kindOf[name]))
			.map((name) => [name, this.#listeners[name] as () => void]);
	}

	#makeListeners(): Listeners {
		return {
			clientConnected: (client) => {
				if (this.#isAbout(client.id, client.user)) this.#report("connected", () => ({ client: clientOf(client) }));
			},
			clientDisconnected: (client, reason) => {
				if (!this.#isAbout(client.id, client.user)) return;
				this.#report("disconnected", () => ({ client: clientOf(client), reason }));
			},
			clientRefused: ({ clientId, address, listener, reason, count = 1 }) => {
				if (!this.#isAbout(clientId, null)) return;
				this.#report("refused", () => ({ client: { id: clientId ?? null, address, listener }, reason, count }));
			},
			subscribed: (client, subscriptions) => {
				if (!this.#isAbout(client.id, client.user)) return;
				const wanted = subscriptions.filter(({ filter }) => this.#selects(filter)).map((one) => ({ ...one }));
				if (wanted.length === 0) return;
				this.#report("subscribed", () => ({ client: clientOf(client), subscriptions: wanted }));
			},
			unsubscribed: (client, filters) => {
				if (!this.#isAbout(client.id, client.user)) return;
				const wanted = filters.filter((filter) => this.#selects(filter));
				if (wanted.length === 0) return;
				this.#report("unsubscribed", () => ({ client: clientOf(client), filters: wanted }));
			},
			published: (message, clientId, user, origin) => {
				if (!this.#selects(message.topic) || !this.#isAbout(clientId, user)) return;
				if (!this.#mayTellOf(clientId, origin)) return;
				const client = clientId === undefined ? null : { id: clientId, user };
				this.#report("published", () => ({ client, message: messageOf(message) }));
			},
			denied: ({ clientId, user, address, action, topic, reason, count }) => {
				if (!this.#selects(topic) || !this.#isAbout(clientId, user)) return;
				this.#report("denied", () => ({ client: { id: clientId, user, address }, action, topic, reason, count }));
			},
			dropped: (client, count) => {
				if (!this.#isAbout(client.id, client.user)) return;
				this.#report("dropped", () => ({ client: clientOf(client), count, reason: "the client reads too slowly" }));
			},
			queueFull: (clientId, full, count) => {
				if (!this.#isAbout(clientId ?? undefined, null)) return;
				const many = clientId === null ? "clients" : "the client";
				const reason = full === "all" ? "the memory for all queues is full" : `too many messages wait for ${many}`;
				this.#report("dropped", () => ({ client: clientId === null ? null : { id: clientId }, count, reason }));
			},
			retainedFull: (topic, count) => {
				if (!this.#selects(topic) || !this.#isAbout(undefined, null)) return;
				const reason = "too many retained messages are kept already";
				this.#report("dropped", () => ({ client: null, topic, count, reason }));
			},
			clientSlowed: (client, count) => {
				if (!this.#isAbout(client.id, client.user)) return;
				const reason = "the client sends more than its limits allow in a second";
				this.#report("slowed", () => ({ client: clientOf(client), count, reason }));
			},
			banned: ({ clientId, user, address, until, reason, by }, count) => {
				if (!this.#isAbout(clientId ?? undefined, user)) return;
				this.#report("banned", () => ({ client: { id: clientId, user, address }, until, reason, by, count }));
			},
			listener: (state) => this.#report("listener", () => ({ listener: listenerOf(state) })),
			certificateEnding: (state) => {
				const { certificate } = state;
				this.#report("certificate", () => ({ listener: listenerOf(state), daysLeft: certificate.daysLeft }));
			},
			storeProblem: (problem) => this.#report("store", () => storeProblemOf(problem)),
		};
	}

	#isAbout(clientId: string | undefined, user: string | null): boolean {
		const { clientId: wantedClient, user: wantedUser } = this.#settings;
		if (wantedClient !== undefined && !(clientId !== undefined && matchesWildcard(wantedClient, clientId)))
			return false;
		return wantedUser === undefined || (user !== null && matchesWildcard(wantedUser, user));
	}

	/** A subscription is selected as a whole: `home/+/light` lies within `home/#`. */
	#selects(topic: string): boolean {
		return this.#settings.topic === undefined || matchesTopic(this.#settings.topic, topic);
	}

	/** What a flow publishes because of an event must not become an event again: that would never end. */
	#mayTellOf(clientId: string | undefined, origin: string | undefined): boolean {
		if (clientId !== undefined || origin === undefined) return true;
		if (origin === BROKER_ORIGIN) return this.#settings.includeSys;
		return this.#settings.includeOwn && !this.#output.isReaction();
	}

	#report(kind: EventKind, payload: () => object): void {
		if (this.#limit.pass(kind)) this.#output.send(eventMessage(kind, payload()));
	}

	#tellRest(events: Partial<Record<EventKind, number>>): void {
		const count = Object.values(events).reduce((sum, one) => sum + one, 0);
		const reason = `more than ${this.#settings.rate} events in a second`;
		this.#output.send(eventMessage("dropped", { client: null, count, reason, events }));
	}
}
