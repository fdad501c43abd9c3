/** One session: what outlives a connection, or would if it were asked to. */

import type { DirectClient } from "./client";
import type { Outflow } from "./outflow";
import type { Subscription } from "./router";

export class Session {
	/** While it is connected. */
	client: DirectClient | undefined;
	/** Whose it is; `null` for an anonymous client. */
	user: string | null = null;
	/** Seconds that it outlives its connection; 4,294,967,295 is for ever. */
	expiry = 0;
	/** By filter. */
	readonly subscriptions = new Map<string, Subscription>();

	/** @param outflow its messages of QoS 1 and 2 */
	constructor(
		readonly id: string,
		readonly outflow: Outflow,
	) {}
}
