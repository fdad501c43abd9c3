/** All listeners of a broker: opens each by itself, and tries one that fails again until it opens. */

import type { ListenerOptions } from "../options";
import type { ConnectionHandler, Listener, ListenerState } from "./listener";
import { TcpListener } from "./tcp";

/** Milliseconds between two tries to open a listener. */
const RETRY_EVERY = 2_000;

export class ListenerSet {
	readonly #listeners: readonly Listener[];
	readonly #changed: (state: ListenerState) => void;
	readonly #retries = new Map<Listener, NodeJS.Timeout>();
	#closing = false;

	/** @param changed is told whenever a listener came up, went down, or failed with a new error */
	constructor(
		options: readonly ListenerOptions[],
		handle: ConnectionHandler,
		changed: (state: ListenerState) => void,
	) {
		this.#listeners = options.map((one) => new TcpListener(one, handle));
		this.#changed = changed;
	}

	get states(): ListenerState[] {
		return this.#listeners.map(({ state }) => state);
	}

	/** Resolves when every listener was tried. Never rejects. */
	async open(): Promise<void> {
		this.#closing = false;
		await Promise.all(this.#listeners.map((listener) => this.#try(listener)));
	}

	/** Resolves when no port is held any more; connections go on until their engine ends them. */
	async close(): Promise<void> {
		this.#closing = true;
		for (const timer of this.#retries.values()) clearTimeout(timer);
		this.#retries.clear();
		const open = this.#listeners.filter(({ state }) => state.up);
		await Promise.all(open.map((listener) => listener.close()));
		for (const { state } of open) this.#changed(state);
	}

	async #try(listener: Listener): Promise<void> {
		const before = listener.state.error;
		try {
			await listener.open();
			if (this.#closing) return listener.close();
			this.#changed(listener.state);
		} catch {
			if (this.#closing) return;
			if (listener.state.error?.message !== before?.message) this.#changed(listener.state);
			this.#retries.set(
				listener,
				setTimeout(() => void this.#try(listener), RETRY_EVERY),
			);
		}
	}
}
