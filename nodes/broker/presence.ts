/** Where others can see whether a connection to another broker stands: its birth message and its will on one topic. */

import type { FlowbrokerError } from "../../broker";
import type { Presence } from "../broker-node";
import type { BrokerSettings } from "./service";

/** @returns undefined for a broker in this process, and where birth and will are not a retained pair */
export function presenceOf(settings: BrokerSettings | FlowbrokerError): Presence | undefined {
	if (!("kind" in settings) || settings.kind !== "remote") return undefined;
	const { birth, will } = settings.options;
	if (!birth?.retain || !will?.retain || birth.topic !== will.topic) return undefined;
	return { topic: will.topic, online: birth.payload.toString(), offline: will.payload.toString() };
}
