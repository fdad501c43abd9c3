/** Why an engine can take no message from this process now. */

import { FlowbrokerError } from "../errors";
import type { Message } from "../message";
import type { Store } from "../store/store";

/** @returns undefined when it can */
export function whyNotNow(
	running: boolean,
	{ qos, retain, topic }: Message,
	store: Pick<Store, "congested">,
): FlowbrokerError | undefined {
	if (!running) {
		return new FlowbrokerError("BROKER_STOPPED", "The broker is not running, so nothing can be published.");
	}
	const isKept = qos > 0 || (retain && !topic.startsWith("$SYS/"));
	if (!isKept || !store.congested) return undefined;
	return new FlowbrokerError("STORE_BUSY", "The disk of the broker's store does not keep up: try again later.");
}
