/** Joins a broker in this process to another one: what the rules name crosses, now or when the other one is back. */

import { join } from "node:path";
import type { SessionAccess } from "../access/access";
import type { Broker } from "../broker";
import { FlowbrokerError } from "../errors";
import type { Delivery } from "../local-client";
import type { Message, QoS } from "../message";
import type { Store } from "../store/store";
import { createStore } from "../store/store-options";
import type { BridgeOptions, BridgePhase, BridgeRemote, BridgeState } from "./bridge-options";
import { Exchange } from "./exchange";
import type { BridgeGate, BridgePort } from "./hub";
import { Incoming } from "./incoming";
import { Link, type LinkEnd } from "./link";
import { markOf, withMark, withoutMark } from "./mark";
import { Outgoing } from "./outgoing";
import { RouteChoice } from "./route-choice";
import { TopicMap } from "./topic-map";

/** Seconds that mean for ever. [MQTT 5, 3.1.2.11.2] */
const FOR_EVER = 0xffff_ffff;
/** Milliseconds between two looks at how many messages wait. */
const COUNT_EVERY = 1_000;

export class Bridge {
	readonly #broker: Broker;
	readonly #options: BridgeOptions;
	readonly #remote: BridgeRemote;
	readonly #changed: (state: BridgeState) => void;
	readonly #map: TopicMap;
	readonly #choice: RouteChoice;
	readonly #store: Store;
	readonly #outgoing: Outgoing;
	readonly #incoming: Incoming;
	#access: SessionAccess | undefined;
	#gate: BridgeGate | undefined;
	#link: Link | undefined;
	#exchange: Exchange | undefined;
	#phase: BridgePhase = "stopped";
	#error: FlowbrokerError | undefined;
	/** Something other than the connection is wrong. */
	#complaint: FlowbrokerError | undefined;
	#dropped = 0;
	#failures = 0;
	#connectedAt = 0;
	#timer: NodeJS.Timeout | undefined;
	#idleTimer: NodeJS.Timeout | undefined;
	#lookTimer: NodeJS.Timeout | undefined;
	#countTimer: NodeJS.Timeout | undefined;
	#toldWaiting = 0;
	/** Topics whose retained message the other broker has missed; `all`: nobody knows. */
	#missed: Set<string> | "all" = "all";
	/** Topics of which a message came in since the connect. */
	#news = new Set<string>();
	readonly #brokerState = () => this.#follow();
	/** Ends with the bridge. */
	#whenEnded: (() => void) | undefined;

	/** @param changed called when the state is another one; the number of waiting messages is told once a second */
	constructor(broker: Broker, options: BridgeOptions, remote: BridgeRemote, changed: (state: BridgeState) => void) {
		this.#broker = broker;
		this.#options = options;
		this.#remote = remote;
		this.#changed = changed;
		this.#map = new TopicMap(options.rules);
		const { roundRobin, protocolVersion, tryPrivate } = options;
		this.#choice = new RouteChoice(remote.servers.length, roundRobin, protocolVersion, tryPrivate);
		this.#store = this.#makeStore();
		const session = options.link.clientId;
		this.#outgoing = new Outgoing(this.#store, session, {
			dropped: (message, reason) => this.#drop(message, reason),
		});
		this.#incoming = new Incoming(this.#store, session, {
			publish: (message, done) => this.#publish(message, done),
			failed: (error) => this.#link?.destroy(error),
			crowded: (isCrowded) => this.#link?.pause(isCrowded),
		});
	}

	get state(): BridgeState {
		const { id, name, rules } = this.#options;
		const isConnected = this.#phase === "connected";
		return {
			id,
			name,
			phase: this.#phase,
			server: this.#remote.servers[this.#choice.server],
			protocolVersion: isConnected ? this.#choice.speech.version : undefined,
			rules: rules.length,
			waiting: this.#outgoing.waiting,
			dropped: this.#dropped,
			error: isConnected ? this.#complaint : (this.#error ?? this.#complaint),
		};
	}

	/**
	 * From now on nothing that is to leave is missed. It connects when the broker runs.
	 * @throws FlowbrokerError USER_UNKNOWN, USERS_ELSEWHERE, or what the store says
	 */
	async start(): Promise<void> {
		const { link, loopGuard } = this.#options;
		this.#access = this.#rightsOf(this.#options.user);
		await this.#store.open();
		if (this.#store.hasSession(link.clientId)) this.#missed = new Set();
		this.#store.keepSession(link.clientId, null, FOR_EVER);
		const { localFilters } = this.#map;
		const port: BridgePort = {
			localFilters: localFilters.filter((filter) => this.#maySubscribe(filter)),
			marks: loopGuard,
			takes: (topic) => this.#map.outward(topic) !== undefined,
			leave: (delivery) => this.#leave(delivery),
		};
		this.#gate = this.#broker.bridges.open(port, this.#access);
		this.#toldWaiting = this.#outgoing.waiting;
		this.#countTimer = setInterval(() => this.#tellWaiting(), COUNT_EVERY);
		this.#broker.events.on("state", this.#brokerState);
		this.#follow();
	}

	/** Resolves when the other broker was told and the store is closed. What waits stays in a store on the disk. */
	async stop(): Promise<void> {
		this.#broker.events.off("state", this.#brokerState);
		clearInterval(this.#countTimer);
		this.#gate?.close();
		this.#gate = undefined;
		await this.#hangUp();
		this.#phase = "stopped";
		await this.#store.close();
	}

	/** The broker comes or goes. */
	#follow(): void {
		const { state } = this.#broker;
		if (state === "running" && this.#phase === "stopped") this.#begin();
		if (state === "stopping") void this.#hangUp().then(() => this.#become("stopped"));
	}

	#begin(): void {
		if (this.#options.start === "lazy") {
			this.#become("idle");
			this.#wakeUp();
		} else this.#connect();
	}

	#connect(): void {
		clearTimeout(this.#timer);
		const { server, speech } = this.#choice;
		const { notifications, link: options } = this.#options;
		this.#become("connecting");
		const topic = notifications && !notifications.localOnly ? notifications.topic : undefined;
		const will: Message | undefined =
			topic === undefined ? undefined : { topic, payload: Buffer.from("0"), qos: 1, retain: true };
		const link = new Link(
			this.#remote.open(server),
			{ ...options, ...speech, will },
			{
				connected: (connack) => {
					this.#connectedAt = performance.now();
					this.#news.clear();
					const parts = {
						store: this.#store,
						map: this.#map,
						outgoing: this.#outgoing,
						incoming: this.#incoming,
					};
					const { attemptUnsubscribe } = this.#options;
					const session = options.clientId;
					const exchange = new Exchange(
						link,
						connack,
						{ session, speech, attemptUnsubscribe, notification: topic },
						parts,
						{
							caughtUp: () => this.#sendRetained(exchange.resumed),
							subscriptionRefused: (filter, code, reason) => this.#subscriptionRefused(filter, code, reason),
							publishRefused: (message, code) =>
								this.#drop(message, `the other broker refuses it (reason code ${code})`),
							active: () => this.#stayAwake(),
						},
					);
					this.#exchange = exchange;
					this.#error = undefined;
					this.#complaint = undefined;
					this.#tellLocally("1");
					exchange.open();
					this.#stayAwake();
					this.#lookForBetter();
					this.#become("connected");
				},
				packet: (packet) => this.#exchange?.received(packet),
				drained: () => this.#exchange?.resume(),
				ended: (end) => this.#ended(link, end),
			},
		);
		this.#link = link;
		link.open();
	}

	#ended(link: Link, end: LinkEnd): void {
		if (this.#link !== link) return;
		this.#link = undefined;
		this.#exchange?.end();
		this.#exchange = undefined;
		clearTimeout(this.#idleTimer);
		clearInterval(this.#lookTimer);
		if (end.connected) this.#tellLocally("0");
		if (this.#whenEnded) {
			this.#whenEnded();
			this.#whenEnded = undefined;
			return;
		}
		const { server } = this.#choice;
		const isAgain = this.#choice.ended(end);
		if (isAgain) {
			this.#connect();
			return;
		}
		this.#error = this.#remote.explain(server, end);
		const hasLasted = end.connected && performance.now() - this.#connectedAt >= this.#remote.lasting;
		this.#failures = hasLasted ? 1 : this.#failures + 1;
		if (this.#options.start === "once") this.#become("ended");
		else {
			this.#become("away");
			this.#timer = setTimeout(() => this.#connect(), this.#remote.pause(this.#failures));
		}
	}

	/** Ends the connection on purpose. Resolves when it is closed. */
	async #hangUp(): Promise<void> {
		clearTimeout(this.#timer);
		const link = this.#link;
		if (!link) return;
		await new Promise<void>((resolve) => {
			this.#whenEnded = resolve;
			this.#exchange?.farewell();
			link.close();
		});
	}

	#leave(delivery: Delivery): void {
		const { topic, payload, properties } = delivery;
		const route = this.#map.outward(topic);
		if (!route || this.#access?.mayReceive(topic).allow === false) return;
		const message = this.#asItLeaves(
			{
				topic: route.topic,
				payload,
				qos: Math.min(delivery.qos, route.qos) as QoS,
				retain: delivery.retain && this.#options.outgoingRetain,
				...(properties && { properties }),
			},
			delivery,
		);
		const { qos0 } = this.#options.queue;
		const isTaken = this.#outgoing.take(message, qos0 || this.#options.start === "lazy");
		if (!isTaken && delivery.retain && this.#missed !== "all") this.#missed.add(topic);
		if (this.#phase === "idle") this.#wakeUp();
	}

	#asItLeaves(message: Message, original: Message): Message {
		const mark = this.#options.loopGuard ? markOf(original) : undefined;
		return mark ? withMark(message, { ...mark, bridges: mark.bridges + 1 }) : withoutMark(message);
	}

	#publish(message: Message, done: (error?: FlowbrokerError) => void): void {
		const route = this.#map.inward(message.topic);
		const gate = this.#gate;
		// Of an earlier session, with other rules.
		if (!route || !gate) {
			done(route && new FlowbrokerError("BROKER_STOPPED", "The bridge was stopped."));
			return;
		}
		this.#news.add(route.topic);
		const mark = this.#options.loopGuard ? markOf(message) : undefined;
		const local: Message = { ...message, topic: route.topic };
		gate.publish(mark ? withMark(local, { ...mark, bridges: mark.bridges + 1 }) : withoutMark(local), (error) => {
			if (error?.code === "NOT_ALLOWED") this.#drop(local, error.message);
			done(error);
		});
	}

	/** What this broker retains, and the other one may not have. Where both have something, the other one's counts. */
	#sendRetained(resumed: boolean): void {
		const missed = this.#missed;
		this.#missed = new Set();
		const isWanted = (topic: string) => (missed === "all" || !resumed ? true : missed.has(topic));
		const localTopics = new Map<string, string>();
		for (const filter of this.#map.localFilters) {
			for (const { topic } of this.#broker.retained(filter)) {
				const route = isWanted(topic) ? this.#map.outward(topic) : undefined;
				if (route && !(route.direction === "both" && this.#news.has(topic))) localTopics.set(route.topic, topic);
			}
		}
		this.#news.clear();
		this.#outgoing.sendRetained(localTopics.keys(), (remoteTopic) => this.#retained(localTopics.get(remoteTopic)));
	}

	/** The message that is retained now, as it leaves. */
	#retained(topic: string | undefined): Message | undefined {
		if (topic === undefined || this.#access?.mayReceive(topic).allow === false) return undefined;
		const route = this.#map.outward(topic);
		const message = this.#broker.retained(topic)[0];
		if (!route || !message) return undefined;
		const qos = Math.min(message.qos, route.qos) as QoS;
		return this.#asItLeaves({ ...message, topic: route.topic, qos, retain: this.#options.outgoingRetain }, message);
	}

	/** Lazy: connects when enough messages wait. */
	#wakeUp(): void {
		if (this.#outgoing.waiting >= this.#options.startThreshold) this.#connect();
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
			if (!this.#outgoing.isIdle) this.#stayAwake();
			else void this.#hangUp().then(() => this.#phase === "connected" && this.#begin());
		}, this.#options.idleTimeout);
	}

	/** While it is connected to another address than the preferred one. */
	#lookForBetter(): void {
		if (!this.#choice.isSecondary) return;
		this.#lookTimer = setInterval(async () => {
			const link = this.#link;
			if (!(await this.#remote.isThere(0)) || link !== this.#link) return;
			clearInterval(this.#lookTimer);
			await this.#hangUp();
			if (this.#phase !== "connected") return;
			this.#choice.prefer();
			this.#connect();
		}, this.#remote.lookEvery);
	}

	#tellLocally(payload: "0" | "1"): void {
		const { notifications } = this.#options;
		if (!notifications) return;
		const message: Message = { topic: notifications.topic, payload: Buffer.from(payload), qos: 1, retain: true };
		// Nobody waits for it: when the broker stops, it has nobody to tell.
		this.#broker.localClient("bridge").publish(message);
	}

	#drop({ topic }: Message, reason: string): void {
		this.#dropped++;
		const sentence = `A message for "${topic}" did not cross the bridge: ${reason}.`;
		this.#complain(new FlowbrokerError("BRIDGE_DROPPED", sentence));
	}

	#subscriptionRefused(filter: string, code: number, reason: string | undefined): void {
		const why = reason ? `${reason} (reason code ${code})` : `reason code ${code}`;
		const sentence = `The other broker refuses the subscription to "${filter}": ${why}. Check the rules there and here.`;
		this.#complain(new FlowbrokerError("SUBSCRIPTION_REFUSED", sentence));
	}

	#complain(error: FlowbrokerError): void {
		if (this.#complaint?.code === error.code) return;
		this.#complaint = error;
		this.#tell();
	}

	#rightsOf(user: string | undefined): SessionAccess | undefined {
		if (user === undefined) return undefined;
		const { users } = this.#broker;
		if (users) return users.session(user, this.#options.link.clientId);
		const sentence = `The bridge is to work as the user "${user}", but its broker keeps no users of its own. Leave the field empty.`;
		throw new FlowbrokerError("USERS_ELSEWHERE", sentence);
	}

	#maySubscribe(filter: string): boolean {
		const decision = this.#access?.maySubscribe(filter) ?? { allow: true, reason: "" };
		if (!decision.allow) {
			const sentence = `The rule for "${filter}" takes nothing out, because the user of the bridge may not subscribe to it: ${decision.reason}.`;
			this.#complain(new FlowbrokerError("NOT_ALLOWED", sentence));
		}
		return decision.allow;
	}

	#makeStore(): Store {
		const { id, queue } = this.#options;
		const { store } = this.#broker.options;
		const folder = { folder: store.kind === "disk" ? join(store.folder, "bridges", fileName(id)) : "" };
		const limits = {
			queuedMessages: queue.messages,
			queuedBytes: queue.bytes,
			allQueuedBytes: 2 * queue.bytes,
			queueDrops: queue.drop,
			retainedMessages: 0,
			retainedBytes: 0,
		};
		return createStore(store.kind === "disk" ? { ...store, ...folder } : store, limits, {
			queueFull: (_session, message) => this.#drop(message, "too many wait for the connection"),
			retainedFull: () => {},
			problem: (problem) => this.#broker.events.emit("storeProblem", problem),
		});
	}

	#become(phase: BridgePhase): void {
		this.#phase = phase;
		this.#tell();
	}

	#tellWaiting(): void {
		if (this.#outgoing.waiting !== this.#toldWaiting) this.#tell();
	}

	#tell(): void {
		const { state } = this;
		this.#toldWaiting = state.waiting;
		this.#changed(state);
		this.#broker.events.emit("bridge", state);
	}
}

/** Ids of nodes in subflows hold slashes. */
function fileName(id: string): string {
	return id.replace(/[^\w-]/g, "-");
}
