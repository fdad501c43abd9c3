/** All listeners of a broker: opens each by itself, and tries one that fails again until it opens. */

import type { Peer } from "../engine/engine";
import type { LimitOptions } from "../limits";
import { invalid } from "../parse";
import { Gate } from "./gate";
import type { Listener, ListenerEvents, ListenerState } from "./listener";
import type { ListenerAdmission, ListenerOptions } from "./listener-options";
import { RefusalLog } from "./refusal-log";
import { type ListenerParts, SocketListener } from "./socket-listener";
import { WebSocketPathListener, type WebSocketPathOptions } from "./web-socket-path-listener";

/** Milliseconds between two tries to open a listener. */
const RETRY_EVERY = 2_000;

export class ListenerSet {
	readonly #parts: ListenerParts;
	readonly #listeners: readonly Listener[];
	readonly #paths: WebSocketPathListener[] = [];
	readonly #admissions = new Map<string, ListenerAdmission>();
	readonly #retries = new Set<NodeJS.Timeout>();
	/** Tries to open that are under way. */
	readonly #tries = new Set<Promise<void>>();
	#closing = false;

	constructor(options: readonly ListenerOptions[], limits: LimitOptions, events: ListenerEvents) {
		const refusals = new RefusalLog(
			(refusal) => events.refused(refusal),
			() => events.turnedAway(),
		);
		this.#parts = { limits, events, refusals, gate: new Gate(limits) };
		this.#listeners = options.map((one) => new SocketListener(one, this.#parts));
		for (const one of options) this.#admissions.set(one.name, one);
	}

	get states(): ListenerState[] {
		return [...this.#listeners, ...this.#paths].map(({ state }) => state);
	}

	/** Who may use the listener. @param name of a listener */
	admission(name: string): ListenerAdmission {
		return this.#admissions.get(name) ?? {};
	}

	/** To be told of each login: connections without one may have to make room for others. */
	loggedIn(peer: Peer): void {
		this.#parts.gate.loggedIn(peer);
	}

	/** One more listener, on an HTTP server that is not ours. @throws FlowbrokerError OPTION_INVALID */
	addPath(options: WebSocketPathOptions): WebSocketPathListener {
		const { name } = options;
		if (this.#admissions.has(name))
			throw invalid("webSocketPath.name", `must be another: "${name}" is a listener already`);
		const listener = new WebSocketPathListener(options, this.#parts);
		this.#admissions.set(name, options);
		this.#paths.push(listener);
		return listener;
	}

	/** Resolves when every listener was tried. Never rejects. */
	async open(): Promise<void> {
		this.#closing = false;
		await Promise.all(this.#listeners.map((listener) => this.#try(listener)));
	}

	/** Resolves when no port is held any more; connections go on until their engine ends them. */
	async close(): Promise<void> {
		this.#closing = true;
		for (const timer of this.#retries) clearTimeout(timer);
		this.#retries.clear();
		const open = this.#listeners.filter(({ state }) => state.up);
		await Promise.all([...open.map((listener) => listener.close()), ...this.#tries]);
		this.#parts.refusals.close();
		for (const { state } of open) this.#parts.events.changed(state);
	}

	#try(listener: Listener): Promise<void> {
		const attempt = this.#open(listener).finally(() => this.#tries.delete(attempt));
		this.#tries.add(attempt);
		return attempt;
	}

	async #open(listener: Listener): Promise<void> {
		const before = listener.state.error;
		try {
			await listener.open();
			if (this.#closing) return await listener.close();
			this.#parts.events.changed(listener.state);
		} catch {
			if (this.#closing) return;
			if (listener.state.error?.message !== before?.message) this.#parts.events.changed(listener.state);
			const timer = setTimeout(() => {
				this.#retries.delete(timer);
				void this.#try(listener);
			}, RETRY_EVERY);
			this.#retries.add(timer);
		}
	}
}
