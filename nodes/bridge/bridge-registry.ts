/** The bridges of the process by node id. Nodes come and go with every deploy; a bridge stays when it is claimed again. */

import { BridgeHost } from "./bridge-host";

interface Entry {
	readonly host: BridgeHost;
	claimed: boolean;
}

/** In a deploy the nodes are closed (`release`), made anew (`claim`), and then the deploy is over (`settle`). */
export class BridgeRegistry {
	readonly #entries = new Map<string, Entry>();

	claim(id: string): BridgeHost {
		const entry = this.#entries.get(id) ?? { host: new BridgeHost(), claimed: true };
		this.#entries.set(id, entry);
		entry.claimed = true;
		return entry.host;
	}

	/** @param forGood true: it resolves when the bridge has ended. false: the bridge goes on until `settle`. */
	async release(id: string, forGood: boolean): Promise<void> {
		const entry = this.#entries.get(id);
		if (!entry) return;
		entry.claimed = false;
		entry.host.watch(undefined);
		if (forGood) await this.#drop(id, entry);
	}

	/** Ends what no node claims. */
	async settle(): Promise<void> {
		const left = [...this.#entries].filter(([, { claimed }]) => !claimed);
		await Promise.all(left.map(([id, entry]) => this.#drop(id, entry)));
	}

	async #drop(id: string, entry: Entry): Promise<void> {
		await entry.host.want(undefined);
		if (!entry.claimed) this.#entries.delete(id);
	}
}
