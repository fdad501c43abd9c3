/** One broker of the process, with a life longer than that of the node that asked for it. */

import { isDeepStrictEqual } from "node:util";
import {
	type Broker,
	type BrokerOptions,
	type Denial,
	type FileProblem,
	FlowbrokerError,
	type ListenerState,
	type LocalClient,
	toFlowbrokerError,
} from "../../broker";
import type { HostState } from "../status";
import { Outcome } from "./outcome";

export type CreateBroker = (options: BrokerOptions) => Broker;

/** Something for the log, told once and not at every retry. */
export type HostReport =
	| { readonly listening: ListenerState }
	| { readonly denied: Denial }
	| { readonly problem: FileProblem }
	| { readonly error: Error };

export interface HostWatcher {
	/** `broker`, `client` or `state` is another one. */
	changed(): void;
	report?(report: HostReport): void;
}

/** Milliseconds in which clients that come and go are told as one change: a status goes to every open editor. */
const CLIENTS_PAUSE = 200;

/** Starts and stops follow each other in the order in which they were asked for. */
export class BrokerHost {
	readonly #create: CreateBroker;
	readonly #watchers = new Set<HostWatcher>();
	#wanted: BrokerOptions | FlowbrokerError | undefined;
	#broker: Broker | undefined;
	#client: LocalClient | undefined;
	#failure: FlowbrokerError | undefined;
	/** Stands for the present wish: a new wish brings a new one, and a start that finds another one is out of date. */
	#started = new Outcome();
	#work: Promise<void> = Promise.resolve();
	#pause: NodeJS.Timeout | undefined;
	/** The last thing reported for each listener. */
	readonly #reported = new Map<string, string>();

	constructor(create: CreateBroker) {
		this.#create = create;
	}

	get broker(): Broker | undefined {
		return this.#broker;
	}

	/** The client of the flow's own nodes; one for all of them, as "no local" asks. `undefined` while nothing runs. */
	get client(): LocalClient | undefined {
		return this.#client;
	}

	/** Resolves when every listener was tried, rejects with a {@link FlowbrokerError} when the broker can't run. */
	get started(): Promise<void> {
		return this.#started.promise;
	}

	get state(): HostState {
		if (this.#failure) return { kind: "failed", error: this.#failure };
		if (!this.#broker) return { kind: this.#wanted ? "starting" : "stopped" };
		const { listeners } = this.#broker;
		const down = listeners.find(({ error }) => error);
		if (down?.error) return { kind: "down", port: down.port, error: down.error };
		const up = listeners.find((listener) => listener.up);
		if (!up) return { kind: "starting" };
		return { kind: "listening", port: up.port, clients: this.#broker.clients().length };
	}

	/** Asks for these settings. A broker that has other ones begins to stop at once; `start` starts it anew. */
	want(wanted: BrokerOptions | FlowbrokerError): void {
		if (!this.#failure && isSame(this.#wanted, wanted)) return;
		void this.stop();
		this.#wanted = wanted;
		this.#tell();
	}

	/** Starts what is wanted, if it does not run. Never rejects: see {@link started}. */
	start(): Promise<void> {
		const outcome = this.#started;
		return this.#then(async () => {
			if (outcome !== this.#started || !this.#wanted || this.#broker || this.#failure) return;
			try {
				if (this.#wanted instanceof FlowbrokerError) throw this.#wanted;
				await this.#open(this.#wanted);
				outcome.succeed();
			} catch (error) {
				this.#failure = toFlowbrokerError(error, "ENGINE_FAULT", "The broker could not be started.");
				outcome.fail(this.#failure);
				this.#report({ error: this.#failure });
				await this.#close();
			}
		});
	}

	/** Resolves when every port is free. Never rejects: a fault while stopping is reported. */
	stop(): Promise<void> {
		this.#wanted = undefined;
		this.#started.fail(new FlowbrokerError("BROKER_STOPPED", "The broker was stopped."));
		this.#started = new Outcome();
		return this.#then(async () => {
			this.#failure = undefined;
			await this.#close();
		});
	}

	/** Resolves when all that was asked for so far is done. */
	idle(): Promise<void> {
		return this.#work;
	}

	/** @returns ends the watch */
	watch(watcher: HostWatcher): () => void {
		this.#watchers.add(watcher);
		return () => {
			this.#watchers.delete(watcher);
		};
	}

	async #open(options: BrokerOptions): Promise<void> {
		const broker = this.#create(options);
		this.#broker = broker;
		broker.events.on("state", () => this.#tell());
		broker.events.on("listener", (listener) => this.#listenerChanged(listener));
		broker.events.on("clientConnected", () => this.#tellSoon(broker));
		broker.events.on("clientDisconnected", () => this.#tellSoon(broker));
		broker.events.on("denied", (denied) => this.#report({ denied }));
		broker.events.on("accessProblem", (problem) => this.#report({ problem }));
		broker.events.on("fault", (error) => this.#report({ error }));
		await broker.start();
		this.#client = broker.localClient("flow");
		this.#tell();
	}

	async #close(): Promise<void> {
		const broker = this.#broker;
		this.#broker = undefined;
		this.#client?.close();
		this.#client = undefined;
		this.#reported.clear();
		clearTimeout(this.#pause);
		this.#pause = undefined;
		this.#tell();
		await broker?.stop();
	}

	/** Does one step after the other; one that throws is reported and does not hold up the next. */
	#then(step: () => Promise<void>): Promise<void> {
		this.#work = this.#work.then(step).catch((error: unknown) => {
			const sentence = "The broker could not be stopped cleanly.";
			this.#report({ error: toFlowbrokerError(error, "ENGINE_FAULT", sentence) });
		});
		return this.#work;
	}

	#listenerChanged(listener: ListenerState): void {
		const text = listener.error?.message ?? (listener.up ? "up" : "down");
		if (this.#reported.get(listener.name) !== text) {
			this.#reported.set(listener.name, text);
			if (listener.error) this.#report({ error: listener.error });
			else if (listener.up) this.#report({ listening: listener });
		}
		this.#tell();
	}

	#report(report: HostReport): void {
		for (const watcher of [...this.#watchers]) watcher.report?.(report);
	}

	#tell(): void {
		for (const watcher of [...this.#watchers]) watcher.changed();
	}

	#tellSoon(broker: Broker): void {
		if (broker !== this.#broker) return;
		this.#pause ??= setTimeout(() => {
			this.#pause = undefined;
			this.#tell();
		}, CLIENTS_PAUSE);
	}
}

function isSame(one: BrokerOptions | FlowbrokerError | undefined, other: BrokerOptions | FlowbrokerError): boolean {
	if (one instanceof FlowbrokerError && other instanceof FlowbrokerError) return one.message === other.message;
	return isDeepStrictEqual(one, other);
}
