/** One broker of the process, here or elsewhere, with a life longer than that of the node that asked for it. */

import { isDeepStrictEqual } from "node:util";
import { type Broker, FlowbrokerError, toFlowbrokerError } from "../../broker";
import type { FlowClient } from "../flow-client";
import type { HostState } from "../status";
import { Outcome } from "./outcome";
import type { BrokerService, BrokerSettings, CreateService, HostReport } from "./service";

export interface HostWatcher {
	/** `broker`, `client` or `state` is another one. */
	changed(): void;
	report?(report: HostReport): void;
}

/** Starts and stops follow each other in the order in which they were asked for. */
export class BrokerHost {
	readonly #create: CreateService;
	readonly #watchers = new Set<HostWatcher>();
	#users = 0;
	#wanted: BrokerSettings | FlowbrokerError | undefined;
	#service: BrokerService | undefined;
	#failure: FlowbrokerError | undefined;
	/** Stands for the present wish: a new wish brings a new one, and a start that finds another one is out of date. */
	#started = new Outcome();
	#work: Promise<void> = Promise.resolve();

	constructor(create: CreateService) {
		this.#create = create;
	}

	get broker(): Broker | undefined {
		return this.#service?.broker;
	}

	/** What the flow's own nodes publish and subscribe with. `undefined` while nothing runs. */
	get client(): FlowClient | undefined {
		return this.#service?.client;
	}

	/** Only for another broker, while its service runs. */
	get connection(): BrokerService["connection"] {
		return this.#service?.connection;
	}

	/**
	 * Resolves when every listener was tried, or the first attempt to connect has begun. Rejects with a
	 * {@link FlowbrokerError} when the broker can't run.
	 */
	get started(): Promise<void> {
		return this.#started.promise;
	}

	get state(): HostState {
		if (this.#failure) return { kind: "failed", error: this.#failure };
		return this.#service?.state ?? { kind: this.#wanted ? "starting" : "stopped" };
	}

	/** Asks for these settings. A broker that has other ones begins to stop at once; `start` starts it anew. */
	want(wanted: BrokerSettings | FlowbrokerError): void {
		if (!this.#failure && isSame(this.#wanted, wanted)) return;
		void this.stop();
		this.#wanted = wanted;
		this.#tell();
	}

	/** A deploy is over: starts what is wanted, if it does not run. Never rejects: see {@link started}. */
	start(): Promise<void> {
		const outcome = this.#started;
		return this.#then(async () => {
			if (outcome !== this.#started || !this.#wanted || this.#failure) return;
			if (this.#service) return this.#service.settle?.();
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

	/** A node uses what runs here. @returns ends the use */
	use(): () => void {
		this.#users++;
		this.#service?.used?.(true);
		let isOver = false;
		return () => {
			if (isOver) return;
			isOver = true;
			this.#users--;
			this.#service?.used?.(this.#users > 0);
		};
	}

	async #open(settings: BrokerSettings): Promise<void> {
		this.#service = this.#create(settings, {
			changed: () => this.#tell(),
			report: (report) => this.#report(report),
		});
		this.#service.used?.(this.#users > 0);
		// Nodes that are there already subscribe before the first message comes.
		this.#tell();
		await this.#service.start();
	}

	async #close(): Promise<void> {
		const service = this.#service;
		this.#service = undefined;
		this.#tell();
		await service?.stop();
	}

	/** Does one step after the other; one that throws is reported and does not hold up the next. */
	#then(step: () => Promise<void>): Promise<void> {
		this.#work = this.#work.then(step).catch((error: unknown) => {
			const sentence = "The broker could not be stopped cleanly.";
			this.#report({ error: toFlowbrokerError(error, "ENGINE_FAULT", sentence) });
		});
		return this.#work;
	}

	#report(report: HostReport): void {
		for (const watcher of [...this.#watchers]) watcher.report?.(report);
	}

	#tell(): void {
		for (const watcher of [...this.#watchers]) watcher.changed();
	}
}

function isSame(one: BrokerSettings | FlowbrokerError | undefined, other: BrokerSettings | FlowbrokerError): boolean {
	if (one instanceof FlowbrokerError && other instanceof FlowbrokerError) return one.message === other.message;
	return isDeepStrictEqual(one, other);
}
