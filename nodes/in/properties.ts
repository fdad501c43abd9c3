/** What a flow file stores for the in node. */

/** What becomes of a payload; `auto` is the old form of `auto-detect` that parses no JSON. */
export const datatypes = ["auto-detect", "auto", "buffer", "utf8", "json", "base64"] as const;

export type Datatype = (typeof datatypes)[number];

/** Properties of the in node, with the names that Node-RED's own `mqtt in` gives them. */
export interface InProperties {
	name: string;
	topic: string;
	qos: string;
	datatype: Datatype;
	/** Id of the config node. */
	broker: string;
	/** No local. */
	nl: boolean;
	/** Retain as published. */
	rap: boolean;
	/** Retain handling. */
	rh: number | string;
	/** 1 when messages control the subscriptions, or the pace. */
	inputs: 0 | 1;
	/** `free`: messages go into the flow as they come. `asked`: one after the other, when the flow asks for the next. */
	pace: "free" | "asked";
	/** How many messages the flow works on at the same time, when it is asked for. */
	underWay: number | string;
	/** How many messages wait for the flow. */
	queueSize: number | string;
	/** Which one is given up when there are too many. */
	queueDrop: "newest" | "oldest";
	/** Seconds after which the flow gets the next message even if it has not asked; 0 for never. */
	patience: number | string;
	/** A message that comes back again and again is stopped. */
	stopLoops: boolean;
}

export const inDefaults = {
	name: "",
	topic: "",
	qos: "2",
	datatype: "auto-detect",
	broker: "",
	nl: false,
	rap: true,
	rh: 0,
	inputs: 0,
	pace: "free",
	underWay: 1,
	queueSize: 1_000,
	queueDrop: "oldest",
	patience: 60,
	stopLoops: true,
} as const satisfies InProperties;
