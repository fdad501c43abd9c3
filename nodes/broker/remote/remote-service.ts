/** A broker somewhere else, as a flow has it: one connection, what waits for it, and who hears what comes. */

import { randomBytes } from "node:crypto";
import { FlowbrokerError, isTopicName, KeptMessages, type Message, type StoreProblem } from "../../../broker";
import type { FlowClient } from "../../flow-client";
import type { HostState } from "../../status";
import type { BrokerService, ConnectionSwitch, ServiceWatcher } from "../service";
import { Outbox } from "./outbox";
import { RemoteClient } from "./remote-client";
import { RemoteConnection } from "./remote-connection";
import type { RemoteOptions, Server } from "./remote-options";
import { whyNotSendable } from "./server-limits";
import { describeServer } from "./servers";
import type { Session } from "./session";
import { SubscriptionTable } from "./subscription-table";

/** Milliseconds for the last messages before the connection is ended on purpose. */
const FAREWELL = 2_000;

export class RemoteService implements BrokerService {
	readonly broker = undefined;
	readonly client: FlowClient;
	readonly connection: ConnectionSwitch<RemoteOptions>;
	readonly #watcher: ServiceWatcher;
	readonly #outbox: Outbox;
	readonly #table: SubscriptionTable;
	/** Stays the same as long as the service, as a session of the broker asks for it. */
	readonly #madeUpId = `nodered${randomBytes(8).toString("hex")}`;
	#options: RemoteOptions;
	#isStarted = false;
	#isUsed = true;
	#wasOpen = false;
	#connection: RemoteConnection | undefined;
	#session: Session | undefined;
	#state: HostState = { kind: "disconnected" };
	/** The reason that was told last. */
	#told: string | undefined;
	/** Those who wait for the end of the first attempt. */
	readonly #waiting = new Set<(problem?: FlowbrokerError) => void>();
	/** Connects and disconnects follow each other in the order in which they were asked for. */
	#work: Promise<void> = Promise.resolve();

	/** @param now milliseconds since the epoch */
	constructor(options: RemoteOptions, watcher: ServiceWatcher, now: () => number = Date.now) {
		this.#options = options;
		this.#watcher = watcher;
		this.#outbox = new Outbox(options.queue, { now, kept: keptMessages(options, watcher) });
		this.#table = new SubscriptionTable(() => this.#options.keepSubscriptions);
		this.client = new RemoteClient(this.#outbox, this.#table, () => this.#options.protocolVersion);
		this.connection = {
			connect: (settings, force) => this.#connect(settings, force),
			disconnect: () => this.#then(() => this.#close()),
		};
	}

	get state(): HostState {
		return this.#state;
	}

	/** Resolves when the first attempt has begun: a broker that is away is no fault of the flow. */
	async start(): Promise<void> {
		await this.#outbox.open();
		this.#isStarted = true;
		if (this.#options.autoConnect && this.#isUsed) this.#open();
	}

	/** A bridge takes the settings, and has a connection of its own. */
	used(isUsed: boolean): void {
		this.#isUsed = isUsed;
		if (isUsed && this.#isStarted && this.#options.autoConnect) void this.#then(async () => this.#openOnce());
	}

	async stop(): Promise<void> {
		await this.#then(() => this.#close());
		const lost = await this.#outbox.end();
		if (lost === 0) return;
		const sentence = `${lost} messages that waited for the connection to the broker were not sent: the connection was ended.`;
		this.#watcher.report({ error: new FlowbrokerError("NOT_CONNECTED", sentence) });
	}

	settle(): void {
		this.#table.settle();
		if (!this.#isUsed) void this.#then(() => this.#closeUnused());
	}

	/** Resolves when connected; rejects with the reason when the first attempt fails, and goes on trying. */
	async #connect(settings: RemoteOptions | undefined, force: boolean): Promise<void> {
		let attempt: Promise<void> | undefined;
		await this.#then(async () => {
			if (this.#connection) {
				if (!settings) return;
				if (!force) {
					const sentence =
						'The broker is connected already. Send the action "disconnect" before, or set msg.broker.force to true.';
					throw new FlowbrokerError("ACTION_INVALID", sentence);
				}
				await this.#close();
			}
			if (settings) this.#options = settings;
			attempt = this.#firstAttempt();
			this.#open();
		});
		await attempt;
	}

	#firstAttempt(): Promise<void> {
		return new Promise((resolve, reject) => {
			this.#waiting.add((problem) => (problem ? reject(problem) : resolve()));
		});
	}

	#endAttempt(problem?: FlowbrokerError): void {
		for (const tell of this.#waiting) tell(problem);
		this.#waiting.clear();
	}

	async #closeUnused(): Promise<void> {
		this.#wasOpen = false;
		await this.#close();
	}

	/** At the first use: what was disconnected by a message stays so. */
	#openOnce(): void {
		if (this.#connection || this.#wasOpen) return;
		this.#open();
	}

	#open(): void {
		this.#wasOpen = true;
		this.#change({ kind: "connecting" });
		this.#connection = new RemoteConnection(this.#options, this.#options.clientId || this.#madeUpId, {
			connected: (session, server) => this.#connected(session, server),
			disconnected: () => this.#disconnected(),
			failed: (problem) => this.#failed(problem),
			message: (topic, payload, packet) => this.#table.dispatch(topic, payload, packet),
		});
	}

	async #close(): Promise<void> {
		const connection = this.#connection;
		if (!connection) return;
		const session = this.#session;
		if (session) await this.#farewell(session);
		this.#connection = undefined;
		this.#disconnected();
		await connection.end();
		this.#outbox.forgetSent();
		this.#told = undefined;
		this.#change({ kind: "disconnected" });
		this.#endAttempt(new FlowbrokerError("NOT_CONNECTED", "The connection to the broker was ended."));
	}

	/** Sends what waits and the close message, as far as the broker takes it in time. */
	async #farewell(session: Session): Promise<void> {
		let timer: NodeJS.Timeout | undefined;
		const late = new Promise<void>((resolve) => {
			timer = setTimeout(resolve, FAREWELL);
		});
		const { close } = this.#options;
		await Promise.race([late, this.#outbox.idle()]);
		if (close && this.#session === session) await Promise.race([late, this.#say(session, close, "close")]);
		clearTimeout(timer);
	}

	#connected(session: Session, server: Server): void {
		this.#session = session;
		const name = describeServer(server);
		this.#tell(`connected ${name}`, () => this.#watcher.report({ connected: name }));
		this.#table.attach(session);
		const { birth } = this.#options;
		if (birth) void this.#say(session, birth, "birth");
		this.#outbox.attach(session);
		this.#change({ kind: "connected" });
		this.#endAttempt();
	}

	#disconnected(): void {
		this.#session = undefined;
		this.#table.detach();
		this.#outbox.detach();
	}

	#failed(problem: FlowbrokerError): void {
		this.#tell(problem.message, () => this.#watcher.report({ error: problem }));
		this.#change({ kind: "away", error: problem });
		this.#endAttempt(problem);
	}

	/** Publishes past the queue. Never rejects: a refusal is reported. */
	#say(session: Session, message: Message, name: "birth" | "close"): Promise<void> {
		const { topic, payload, qos, retain, properties } = message;
		return new Promise((resolve) => {
			const done = (error: Error | null | undefined) => {
				const sentence = `The ${name} message to "${topic}" could not be published: ${error?.message.replace(/\.$/, "")}.`;
				if (error) this.#watcher.report({ error: new FlowbrokerError("PUBLISH_REFUSED", sentence, error) });
				resolve();
			};
			const problem = whyNotSendable(message, session.limits);
			// The broker would end the connection over it.
			if (!isTopicName(topic)) done(new Error("it is no topic that can be published to"));
			else if (problem) done(problem);
			else session.mqtt.publish(topic, payload, { qos, retain, ...(properties && { properties }) }, done);
		});
	}

	/** The same thing again, as with every attempt that fails for the same reason, is no news. */
	#tell(news: string, report: () => void): void {
		if (this.#told === news) return;
		this.#told = news;
		report();
	}

	#change(state: HostState): void {
		this.#state = state;
		this.#watcher.changed();
	}

	#then(step: () => Promise<void>): Promise<void> {
		const done = this.#work.then(step);
		this.#work = done.catch(() => {});
		return done;
	}
}

/** Where messages wait that are to outlive the process. */
function keptMessages({ outboxFolder: folder }: RemoteOptions, watcher: ServiceWatcher): KeptMessages | undefined {
	if (folder === undefined) return undefined;
	return new KeptMessages({ folder }, (problem: StoreProblem) => {
		if (problem.kind === "working") return;
		const { code, message, cause } = problem.error;
		const reason = cause instanceof Error ? `The system says: ${cause.message}.` : message;
		const sentence = `Messages that wait for the connection to the broker may be in memory only. ${reason}`;
		watcher.report({ error: new FlowbrokerError(code, sentence, problem.error) });
	});
}
