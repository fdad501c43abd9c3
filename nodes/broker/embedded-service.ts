/** A broker that runs in this process. */

import type { Broker, FlowbrokerError, ListenerState, LocalClient, StoreProblem } from "../../broker";
import type { HostState } from "../status";
import { warnBeyondLimits } from "./limit-warnings";
import type { BrokerService, ServiceWatcher } from "./service";
import type { WebPath } from "./web-path";

/** Milliseconds in which clients that come and go are told as one change: a status goes to every open editor. */
const CLIENTS_PAUSE = 200;
/** Days before the end of a certificate from which on the status speaks of it. */
const WORRYING_DAYS = 14;

export class EmbeddedService implements BrokerService {
	readonly broker: Broker;
	readonly #watcher: ServiceWatcher;
	readonly #webPath: WebPath | undefined;
	#client: LocalClient | undefined;
	#pause: NodeJS.Timeout | undefined;
	#stopped = false;
	/** While the disk takes nothing. */
	#storeError: FlowbrokerError | undefined;
	/** The last thing reported for each listener. */
	readonly #reported = new Map<string, string>();

	constructor(broker: Broker, watcher: ServiceWatcher, webPath?: WebPath) {
		this.broker = broker;
		this.#webPath = webPath;
		this.#watcher = watcher;
	}

	/** The client of the flow's own nodes; one for all of them, as "no local" asks. */
	get client(): LocalClient | undefined {
		return this.#client;
	}

	get state(): HostState {
		const { listeners } = this.broker;
		const down = listeners.find(({ error }) => error);
		if (down?.error) return { kind: "down", port: down.port, error: down.error };
		if (this.#storeError) return { kind: "storeFailing", error: this.#storeError };
		const days = Math.min(...listeners.map(({ certificate }) => certificate?.daysLeft ?? Number.POSITIVE_INFINITY));
		if (days <= WORRYING_DAYS) return { kind: "certificate", days };
		const up = listeners.find((listener) => listener.up);
		if (!up) return { kind: "starting" };
		return { kind: "listening", port: up.port, clients: this.broker.clients().length };
	}

	/** Resolves when every listener was tried. */
	async start(): Promise<void> {
		const { events } = this.broker;
		events.on("state", () => this.#watcher.changed());
		events.on("listener", (listener) => this.#listenerChanged(listener));
		events.on("clientConnected", () => this.#tellSoon());
		events.on("clientDisconnected", () => this.#tellSoon());
		events.on("denied", (denied) => this.#watcher.report({ denied }));
		events.on("accessProblem", (problem) => this.#watcher.report({ problem }));
		events.on("storeProblem", (problem) => this.#storeChanged(problem));
		warnBeyondLimits(events, (warning, values) => this.#watcher.report({ warning, values }));
		events.on("certificateEnding", () => this.#watcher.changed());
		events.on("fault", (error) => this.#watcher.report({ error }));
		await this.broker.start();
		this.#webPath?.open();
		this.#client = this.broker.localClient("flow");
		this.#watcher.changed();
	}

	/** Resolves when every port is free. */
	async stop(): Promise<void> {
		this.#stopped = true;
		this.#client?.close();
		this.#client = undefined;
		clearTimeout(this.#pause);
		this.#webPath?.close();
		await this.broker.stop();
	}

	#listenerChanged(listener: ListenerState): void {
		const text = listener.error?.message ?? (listener.up ? "up" : "down");
		if (this.#reported.get(listener.name) !== text) {
			this.#reported.set(listener.name, text);
			if (listener.error) this.#watcher.report({ error: listener.error });
			else if (listener.up) this.#watcher.report({ listening: listener });
		}
		this.#watcher.changed();
	}

	#storeChanged(problem: StoreProblem): void {
		if (problem.kind === "failing") this.#storeError = problem.error;
		if (problem.kind === "working") {
			this.#storeError = undefined;
			this.#watcher.report({ warning: "store-working", values: {} });
		} else this.#watcher.report({ error: problem.error });
		this.#watcher.changed();
	}

	#tellSoon(): void {
		if (this.#stopped) return;
		this.#pause ??= setTimeout(() => {
			this.#pause = undefined;
			this.#watcher.changed();
		}, CLIENTS_PAUSE);
	}
}
