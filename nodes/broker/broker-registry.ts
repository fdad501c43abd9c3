/**
 * The brokers of the process, and the connections to others, by node id. Nodes come and go with every deploy; a broker
 * stays as long as a node with the same settings claims it again.
 */

import type { FlowbrokerError } from "../../broker";
import { BrokerHost } from "./broker-host";
import type { BrokerSettings, CreateService } from "./service";

interface Entry {
	readonly host: BrokerHost;
	claimed: boolean;
}

/**
 * In a deploy the nodes are closed (`release`), made anew (`claim`), and then the deploy is over (`settle`). Nothing
 * starts before `settle`, when everything that has to stop has freed its port: two brokers can thus swap ports.
 */
export class BrokerRegistry {
	readonly #create: CreateService;
	readonly #entries = new Map<string, Entry>();

	constructor(create: CreateService) {
		this.#create = create;
	}

	/** @param wanted the settings, or what is wrong with them. Other settings than before begin to stop the broker. */
	claim(id: string, wanted: BrokerSettings | FlowbrokerError): BrokerHost {
		const entry = this.#entries.get(id) ?? { host: new BrokerHost(this.#create), claimed: true };
		this.#entries.set(id, entry);
		entry.claimed = true;
		entry.host.want(wanted);
		return entry.host;
	}

	/** @param forGood true: it resolves when the broker has stopped. false: the broker goes on until `settle`. */
	async release(id: string, forGood: boolean): Promise<void> {
		const entry = this.#entries.get(id);
		if (!entry) return;
		entry.claimed = false;
		if (forGood) await this.#drop(id, entry);
	}

	/** Stops what no node claims, waits until all ports are free, then starts what is claimed and does not run. */
	async settle(): Promise<void> {
		for (const [id, entry] of this.#entries) if (!entry.claimed) void this.#drop(id, entry);
		await Promise.all([...this.#entries.values()].map(({ host }) => host.idle()));
		await Promise.all([...this.#entries.values()].map(({ host, claimed }) => claimed && host.start()));
	}

	async #drop(id: string, entry: Entry): Promise<void> {
		await entry.host.stop();
		if (!entry.claimed) this.#entries.delete(id);
	}
}
