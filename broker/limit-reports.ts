/** What goes beyond a limit of the broker, as events: however often it happens, at a rate that no flood can raise. */

import type { EventEmitter } from "node:events";
import type { BanView } from "./access/ban-view";
import type { BrokerEventMap, ClientInfo } from "./events";
import type { QueueLimit } from "./store/store";
import { SummedReports } from "./summed-reports";

export class LimitReports {
	readonly #queueFull: SummedReports<{ readonly clientId: string | null; readonly full: QueueLimit }>;
	readonly #retainedFull: SummedReports<string>;
	readonly #slowed: SummedReports<ClientInfo>;
	readonly #banned: SummedReports<BanView>;

	constructor(events: EventEmitter<BrokerEventMap>) {
		this.#queueFull = new SummedReports(
			({ clientId, full }, count) => events.emit("queueFull", clientId, full, count),
			({ full }) => ({ clientId: null, full }),
		);
		this.#retainedFull = new SummedReports((topic, count) => events.emit("retainedFull", topic, count));
		this.#slowed = new SummedReports((client, count) => events.emit("clientSlowed", client, count));
		this.#banned = new SummedReports((ban, count) => events.emit("banned", ban, count));
	}

	queueFull(clientId: string, full: QueueLimit): void {
		this.#queueFull.add(JSON.stringify([clientId, full]), { clientId, full });
	}

	/** There may be any number of topics: they are told together. */
	retainedFull(topic: string): void {
		this.#retainedFull.add("retained", topic);
	}

	slowed(client: ClientInfo): void {
		this.#slowed.add(client.id, client);
	}

	/** What an administrator does is told each time. */
	banned(ban: BanView): void {
		const { by, clientId, user, address } = ban;
		this.#banned.add(by === "administrator" ? JSON.stringify([clientId, user, address]) : by, ban);
	}

	/** Tells what is not told yet. */
	close(): void {
		for (const reports of [this.#queueFull, this.#retainedFull, this.#slowed, this.#banned]) reports.close();
	}
}
