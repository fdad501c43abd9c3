/** What a flow file stores for the events node: pure, used by both halves of the node. */

/** The type as it stands in a flow file. */
export const eventsType = "flowbroker-events";

export const eventKinds = [
	"connected",
	"disconnected",
	"refused",
	"subscribed",
	"unsubscribed",
	"published",
	"denied",
	"dropped",
	"slowed",
	"banned",
	"listener",
	"certificate",
	"store",
] as const;

export type EventKind = (typeof eventKinds)[number];

export interface EventsProperties {
	name: string;
	/** Id of the config node. */
	broker: string;
	events: readonly EventKind[];
	/** A text in which `*` stands for anything; empty for all clients. */
	clientId: string;
	/** A text in which `*` stands for anything; empty for all users. */
	user: string;
	/** A topic filter; empty for all topics. */
	topic: string;
	/** The most events a second. */
	rate: number | string;
	/** Also what this process itself publishes. */
	includeOwn: boolean;
	/** Also what the broker publishes under `$SYS`. */
	includeSys: boolean;
}

export const eventsDefaults = {
	name: "",
	broker: "",
	events: ["connected", "disconnected", "refused"],
	clientId: "",
	user: "",
	topic: "",
	rate: 1000,
	includeOwn: false,
	includeSys: false,
} as const satisfies EventsProperties;
