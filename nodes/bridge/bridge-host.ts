/** A bridge with a life longer than that of the node that asked for it: a deploy that does not change it, does not cut it. */

import { isDeepStrictEqual } from "node:util";
import {
	Bridge,
	type BridgeOptions,
	type BridgeState,
	type Broker,
	type FlowbrokerError,
	toFlowbrokerError,
} from "../../broker";
import type { RemoteOptions } from "../broker/remote/remote-options";
import { bridgeRemote } from "./bridge-remote";

/** Which bridge is wanted. */
export interface BridgeWish {
	/** The broker in this process. */
	readonly broker: Broker;
	readonly options: BridgeOptions;
	readonly remote: RemoteOptions;
}

export interface BridgeWatcher {
	changed(state: BridgeState): void;
	/** The bridge can't work at all. */
	failed(error: FlowbrokerError): void;
}

/** Starts and stops follow each other in the order in which they were asked for. */
export class BridgeHost {
	#wish: BridgeWish | undefined;
	#bridge: Bridge | undefined;
	#watcher: BridgeWatcher | undefined;
	#failure: FlowbrokerError | undefined;
	#work: Promise<void> = Promise.resolve();

	/** The node that is told from now on: at once how things stand. */
	watch(watcher: BridgeWatcher | undefined): void {
		this.#watcher = watcher;
		if (this.#failure) watcher?.failed(this.#failure);
		else if (this.#bridge) watcher?.changed(this.#bridge.state);
	}

	/** Another wish than before ends the bridge that there is. Resolves when it is fulfilled. */
	want(wish: BridgeWish | undefined): Promise<void> {
		if (isSame(this.#wish, wish)) return this.#work;
		this.#wish = wish;
		this.#work = this.#work.then(() => this.#fulfil(wish));
		return this.#work;
	}

	async #fulfil(wish: BridgeWish | undefined): Promise<void> {
		const before = this.#bridge;
		this.#bridge = undefined;
		this.#failure = undefined;
		try {
			await before?.stop();
			// Another one was asked for meanwhile.
			if (!wish || wish !== this.#wish) return;
			const bridge = new Bridge(wish.broker, wish.options, bridgeRemote(wish.remote), (state) => {
				if (this.#bridge === bridge) this.#watcher?.changed(state);
			});
			this.#bridge = bridge;
			await bridge.start();
		} catch (error) {
			this.#bridge = undefined;
			this.#failure = toFlowbrokerError(error, "ENGINE_FAULT", "The bridge could not be started.");
			this.#watcher?.failed(this.#failure);
		}
	}
}

function isSame(one: BridgeWish | undefined, other: BridgeWish | undefined): boolean {
	if (!one || !other) return one === other;
	return (
		one.broker === other.broker &&
		isDeepStrictEqual(one.options, other.options) &&
		isDeepStrictEqual(one.remote, other.remote)
	);
}
