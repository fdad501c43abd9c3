/** Joins a broker in this process to another one: what the rules name crosses, now or when the other one is back. */

import type { SessionAccess } from "../access/access";
import type { Broker } from "../broker";
import { FlowbrokerError, toFlowbrokerError } from "../errors";
import type { Message } from "../message";
import { ownSession, type Store } from "../store/store";
import type { BridgeOptions, BridgePhase, BridgeRemote, BridgeState } from "./bridge-options";
import { BridgeReport } from "./bridge-report";
import { Crossing } from "./crossing";
import { EchoMemory } from "./echo-memory";
import { Exchange } from "./exchange";
import { Incoming } from "./incoming";
import { Link, type LinkEnd } from "./link";
import { Outgoing } from "./outgoing";
import { RouteChoice } from "./route-choice";
import { TopicMap } from "./topic-map";

/** Milliseconds between two looks at how many messages wait. */
const COUNT_EVERY = 1_000;

export class Bridge {
	readonly #broker: Broker;
	readonly #options: BridgeOptions;
	readonly #remote: BridgeRemote;
	readonly #report: BridgeReport;
	readonly #map: TopicMap;
	readonly #choice: RouteChoice;
	readonly #store: Store;
	/** Its session in the store. Named after the bridge and not after the client id: what waits is to outlive a new one. */
	readonly #session: string;
	readonly #outgoing: Outgoing;
	readonly #incoming: Incoming;
	readonly #crossing: Crossing;
	readonly #echo = new EchoMemory();
	readonly #brokerState = () => this.#follow();
	#link: Link | undefined;
	#exchange: Exchange | undefined;
	#failures = 0;
	#connectedAt = 0;
	#retryTimer: NodeJS.Timeout | undefined;
	#idleTimer: NodeJS.Timeout | undefined;
	#lookTimer: NodeJS.Timeout | undefined;
	#countTimer: NodeJS.Timeout | undefined;
	/** Somebody has ended the connection on purpose, and waits until it is closed. */
	#whenClosed: (() => void)[] = [];

	/** @param changed called when the state is another one; how many messages wait is told once a second */
	constructor(broker: Broker, options: BridgeOptions, remote: BridgeRemote, changed: (state: BridgeState) => void) {
		this.#broker = broker;
		this.#options = options;
		this.#remote = remote;
		this.#map = new TopicMap(options.rules);
		const { roundRobin, protocolVersion, tryPrivate } = options;
		this.#choice = new RouteChoice(remote.servers.length, roundRobin, protocolVersion, tryPrivate);
		this.#report = new BridgeReport((report) => {
			const state = this.#stateOf(report);
			changed(state);
			broker.events.emit("bridge", state);
		});
		const dropped = (message: Message, reason: string) => this.#report.drop(message, reason);
		this.#store = broker.bridges.store;
		this.#session = ownSession(`bridge/${options.id}`);
		this.#outgoing = new Outgoing(this.#store, this.#session, { dropped });
		this.#crossing = new Crossing(broker, options, this.#map, this.#outgoing, {
			dropped,
			leaving: () => this.#wakeUp(),
			begin: () => this.#begin(),
			end: () => this.#exchange?.end(),
			state: () => this.state,
		});
		this.#incoming = new Incoming(this.#store, this.#session, {
			publish: (message, done, taken) => this.#crossing.enter(message, done, taken),
			failed: (error) => this.#link?.destroy(error),
			crowded: (isCrowded) => this.#link?.hold("crowded", isCrowded),
		});
	}

	get state(): BridgeState {
		return this.#stateOf(this.#report);
	}

	/**
	 * From now on nothing that is to leave is missed. It connects when the broker runs.
	 * @throws FlowbrokerError OPTION_INVALID when the broker has a bridge with the same id
	 */
	start(): void {
		this.#crossing.open();
		this.#countTimer = setInterval(() => this.#report.count(this.#outgoing.waiting), COUNT_EVERY);
		this.#broker.events.on("state", this.#brokerState);
		this.#follow();
	}

	/**
	 * Resolves when the other broker was told. What waits stays for a bridge with the same id, as long as the broker keeps
	 * the session of a client that is away.
	 */
	async stop(): Promise<void> {
		this.#broker.events.off("state", this.#brokerState);
		clearInterval(this.#countTimer);
		this.#crossing.close();
		await this.#hangUp("stopped");
		this.#store.leaveSession(this.#session);
	}

	/** The broker comes or goes. */
	#follow(): void {
		const { state } = this.#broker;
		if (state === "running" && this.#report.phase === "stopped") this.#connectOrWait();
		if (state === "stopping") void this.#hangUp("stopped");
	}

	/** The store can be used. */
	#begin(): void {
		const { bridges, options } = this.#broker;
		const { id, queue } = this.#options;
		try {
			const access = this.#rights();
			const hasMissed = bridges.hasMissed(id);
			const isKnown = this.#store.hasSession(this.#session) && !hasMissed;
			this.#store.keepSession(this.#session, null, options.limits.sessionExpiryMax);
			const { messages, bytes, drop } = queue;
			const dropped = (message: Message) => this.#report.drop(message, "too many wait for the connection");
			this.#store.boundQueue(this.#session, { messages, bytes, drops: drop, dropped });
			this.#crossing.allow(access, isKnown);
		} catch (error) {
			this.#report.become("ended", toFlowbrokerError(error, "INTERNAL_FAULT", "The bridge could not begin."));
		}
	}

	#connectOrWait(): void {
		if (this.#options.start !== "lazy") {
			this.#connect();
			return;
		}
		this.#report.become("idle");
		this.#wakeUp();
	}

	#connect(): void {
		clearTimeout(this.#retryTimer);
		// While it is tried again, it stays away: that is no news.
		if (this.#report.phase !== "away") this.#report.become("connecting");
		const { server, speech } = this.#choice;
		const notified = this.#notifiedTopic;
		const will = notified === undefined ? undefined : stateMessage(notified, "0");
		const stream = this.#remote.open(server);
		const link: Link = new Link(
			stream,
			{ ...this.#options.link, ...speech, will },
			{
				connected: (connack) => this.#connected(this.#exchangeOn(link, connack)),
				packet: (packet) => this.#exchange?.received(packet),
				drained: () => this.#exchange?.resume(),
				ended: (end) => this.#ended(link, end),
			},
		);
		this.#link = link;
		link.open();
	}

	#exchangeOn(link: Link, connack: ConstructorParameters<typeof Exchange>[1]): Exchange {
		const { attemptUnsubscribe } = this.#options;
		const exchange: Exchange = new Exchange(
			link,
			connack,
			{
				session: this.#session,
				speech: this.#choice.speech,
				attemptUnsubscribe,
				notification: this.#notifiedTopic,
			},
			{ store: this.#store, map: this.#map, outgoing: this.#outgoing, incoming: this.#incoming, echo: this.#echo },
			{
				caughtUp: () => this.#crossing.sendRetained(exchange.resumed),
				subscriptionRefused: (filter, why) => this.#report.refuse(filter, why),
				publishRefused: (message, code) =>
					this.#report.drop(message, `the other broker refuses it (reason code ${code})`),
				active: () => this.#stayAwake(),
			},
		);
		return exchange;
	}

	#connected(exchange: Exchange): void {
		this.#connectedAt = performance.now();
		this.#exchange = exchange;
		this.#report.forgive();
		this.#crossing.connected();
		this.#tellLocally("1");
		exchange.open();
		this.#stayAwake();
		this.#lookForBetter();
		this.#report.become("connected");
	}

	#ended(link: Link, end: LinkEnd): void {
		if (this.#link !== link) return;
		this.#link = undefined;
		this.#exchange?.end();
		this.#exchange = undefined;
		clearTimeout(this.#idleTimer);
		this.#idleTimer = undefined;
		clearInterval(this.#lookTimer);
		if (end.connected) this.#tellLocally("0");
		if (this.#whenClosed.length > 0) {
			for (const tell of this.#whenClosed.splice(0)) tell();
			return;
		}
		const { server } = this.#choice;
		if (this.#choice.ended(end)) this.#connect();
		else this.#retry(end, server);
	}

	#retry(end: LinkEnd, server: number): void {
		const hasLasted = end.connected && performance.now() - this.#connectedAt >= this.#remote.lasting;
		this.#failures = hasLasted ? 1 : this.#failures + 1;
		const error = this.#remote.explain(server, end, this.#failures);
		if (this.#options.start === "once") {
			this.#report.become("ended", error);
			return;
		}
		this.#report.become("away", error);
		this.#retryTimer = setTimeout(() => this.#connect(), this.#remote.pause(this.#failures));
	}

	/** Ends the connection on purpose. Resolves when it is closed. */
	async #hangUp(phase: BridgePhase): Promise<void> {
		clearTimeout(this.#retryTimer);
		const link = this.#link;
		if (link) {
			await new Promise<void>((resolve) => {
				this.#whenClosed.push(resolve);
				this.#exchange?.farewell();
				link.close();
			});
		}
		this.#report.become(phase);
	}

	/** Lazy: connects when enough messages wait. */
	#wakeUp(): void {
		if (this.#report.phase === "idle" && this.#outgoing.waiting >= this.#options.startThreshold) this.#connect();
	}

	/** Lazy: leaves when nothing has crossed for a while. */
	#stayAwake(): void {
		if (this.#options.start !== "lazy") return;
		if (this.#idleTimer) {
			this.#idleTimer.refresh();
			return;
		}
		this.#idleTimer = setTimeout(() => {
			this.#idleTimer = undefined;
			if (this.#outgoing.isIdle) void this.#hangUp("idle").then(() => this.#wakeUp());
			else this.#stayAwake();
		}, this.#options.idleTimeout);
	}

	/** While it is connected to another address than the preferred one. */
	#lookForBetter(): void {
		if (!this.#choice.isSecondary) return;
		const link = this.#link;
		this.#lookTimer = setInterval(async () => {
			if (!(await this.#remote.isThere(0)) || link !== this.#link || this.#whenClosed.length > 0) return;
			clearInterval(this.#lookTimer);
			await this.#hangUp("connecting");
			// The bridge may have been stopped meanwhile.
			if (this.#link || this.#broker.state !== "running") return;
			this.#choice.prefer();
			this.#connect();
		}, this.#remote.lookEvery);
	}

	/** Where the other broker is told. */
	get #notifiedTopic(): string | undefined {
		const { notifications } = this.#options;
		return notifications?.localOnly === false ? notifications.topic : undefined;
	}

	/** Nobody waits for it: a broker that stops has nobody to tell. */
	#tellLocally(payload: "0" | "1"): void {
		const { notifications } = this.#options;
		if (notifications) this.#broker.localClient("bridge").publish(stateMessage(notifications.topic, payload));
	}

	/** @throws FlowbrokerError USER_UNKNOWN, USERS_ELSEWHERE */
	#rights(): SessionAccess | undefined {
		const { user, link } = this.#options;
		if (user === undefined) return undefined;
		const { users } = this.#broker;
		if (users) return users.session(user, link.clientId);
		const sentence = `The bridge is to work as the user "${user}", but its broker keeps no users of its own. Leave the field empty.`;
		throw new FlowbrokerError("USERS_ELSEWHERE", sentence);
	}

	#stateOf({ phase, error, dropped }: BridgeReport): BridgeState {
		const { id, name, rules } = this.#options;
		return {
			id,
			name,
			phase,
			server: this.#remote.servers[this.#choice.server],
			protocolVersion: phase === "connected" ? this.#choice.speech.version : undefined,
			rules: rules.length,
			waiting: this.#outgoing.waiting,
			dropped,
			error,
		};
	}
}

function stateMessage(topic: string, payload: "0" | "1"): Message {
	return { topic, payload: Buffer.from(payload), qos: 1, retain: true };
}
