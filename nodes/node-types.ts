/** Names of the node types and the properties that a flow file stores for them: pure, used by both halves of a node. */

/** The types as they stand in a flow file. */
export const nodeTypes = {
	broker: "flowbroker-broker",
	in: "flowbroker-in",
	out: "flowbroker-out",
} as const;

/**
 * Properties of the config node. A flow file is written by people, by other versions and by environment variables, so
 * the runtime halves take every value as unknown and read it once.
 */
export interface BrokerProperties {
	name: string;
	/** Only `embedded` so far: the broker runs in this process. */
	kind: "embedded";
	/** Bind address. */
	host: string;
	/** A text when it comes from an environment variable. */
	port: number | string;
	/** May clients log in without user name? `auto`: only while the broker is bound to this machine. */
	anonymous: "auto" | "yes" | "no";
	/** Users and rules of our own, or Mosquitto's files. */
	access: "users" | "mosquitto";
	/** Path of a file made by mosquitto_passwd. */
	passwordFile: string;
	/** Path of an ACL file as Mosquitto reads it. */
	aclFile: string;
}

export const brokerDefaults = {
	name: "",
	kind: "embedded",
	host: "127.0.0.1",
	port: 1883,
	anonymous: "auto",
	access: "users",
	passwordFile: "",
	aclFile: "",
} as const satisfies BrokerProperties;

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
	/** 1 when messages control the subscriptions. */
	inputs: 0 | 1;
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
} as const satisfies InProperties;

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
} as const satisfies OutProperties;
