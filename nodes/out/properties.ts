/** What a flow file stores for the out node. */

/** Properties of the out node, with the names that Node-RED's own `mqtt out` gives them. An empty one is left to the message. */
export interface OutProperties {
	name: string;
	topic: string;
	qos: string;
	retain: string;
	respTopic: string;
	contentType: string;
	/** A JSON object as text. */
	userProps: string;
	/** Correlation data as text. */
	correl: string;
	/** Seconds. */
	expiry: string;
	/** Id of the config node. */
	broker: string;
	/** How many messages of the node may wait; empty: as many as the broker's settings allow. */
	queueSize: number | string;
	/** What happens when they are too many; empty: what the broker's settings say. `refuse`: none may wait. */
	queueDrop: "" | "newest" | "oldest" | "refuse";
	/** 1 when the node tells what has become of a message. */
	outputs: 0 | 1;
}

export const outDefaults = {
	name: "",
	topic: "",
	qos: "",
	retain: "",
	respTopic: "",
	contentType: "",
	userProps: "",
	correl: "",
	expiry: "",
	broker: "",
	queueSize: "",
	queueDrop: "",
	outputs: 0,
} as const satisfies OutProperties;
