/** Names of the node types and the properties that a flow file stores for them: pure, used by both halves of a node. */

/** The types as they stand in a flow file. */
export const nodeTypes = {
	broker: "flowbroker-broker",
	in: "flowbroker-in",
	out: "flowbroker-out",
	request: "flowbroker-request",
	bridge: "flowbroker-bridge",
} as const;

/**
 * Properties of the config node. A flow file is written by people, by other versions and by environment variables, so
 * the runtime halves take every value as unknown and read it once.
 */
export interface BrokerProperties extends RemoteProperties {
	name: string;
	/** `embedded`: the broker runs in this process. `remote`: it is another one. May hold a variable. */
	kind: string;
	/** Bind address of the embedded broker. */
	host: string;
	/** Of both kinds; empty for the usual one. A text when it comes from an environment variable. */
	port: number | string;
	/** May clients log in without user name? `auto`: only while the broker is bound to this machine. */
	anonymous: "auto" | "yes" | "no";
	/** Users and rules of our own, Mosquitto's files, or none: any user name and password will do. */
	access: "users" | "mosquitto" | "any";
	/** When is something safe that was acknowledged? docs/durability.md has the table. */
	durability: "each" | "interval" | "none";
	/** Address of a Redis that several brokers share, in place of the disk; empty for none. */
	redisUrl: string;
	/** Only those that differ from the usual ones, by name; a text may be an environment variable. */
	limits: { readonly [limit: string]: number | string };
	/** Where MQTT 5 clients are sent when the embedded broker stops; empty for nowhere. */
	serverReference: string;
	/** Path of a file made by mosquitto_passwd. */
	passwordFile: string;
	/** Path of an ACL file as Mosquitto reads it. */
	aclFile: string;
	/** Ports of further listeners, for TLS and WebSocket; empty for none. */
	tlsPort: number | string;
	wsPort: number | string;
	wssPort: number | string;
	/** All listeners, as a JSON list with the settings of docs/settings.md, in place of bind address and ports; or empty. */
	listeners: string;
	/** Path on Node-RED's own HTTP server for MQTT over WebSocket; empty for none. */
	webPath: string;
	/** Paths of PEM files for TLS. */
	certFile: string;
	keyFile: string;
	/** The CA that client certificates must come from. */
	caFile: string;
	/** Id of a `tls-config` node, in place of the files. */
	serverTls: string;
	clientCert: "none" | "optional" | "required";
	/** Does the client's certificate name the user? `cn` takes its common name. */
	certUser: "none" | "cn";
}

/** What MQTT 5 adds to a birth, close or will message; the names are those of Node-RED's own node. */
export interface MessageExtras {
	contentType?: string;
	/** A JSON object as text. */
	userProps?: string;
	respTopic?: string;
	/** Correlation data as text. */
	correl?: string;
	/** Seconds. */
	expiry?: string;
	/** Seconds, only for a will. */
	delay?: string;
}

/** Properties of a connection to another broker, with the names that Node-RED's own `mqtt-broker` gives them. */
export interface RemoteProperties {
	/** Host, address or URL; several are parted by commas. */
	broker: string;
	clientid: string;
	autoConnect: boolean;
	usetls: boolean;
	/** Id of a `tls-config` node. */
	tls: string;
	/** Counts where there is no `tls-config` node. */
	verifyservercert: boolean;
	/** 3 is MQTT 3.1, 4 is 3.1.1. */
	protocolVersion: "3" | "4" | "5";
	/** Seconds. */
	keepalive: number | string;
	cleansession: boolean;
	autoUnsubscribe: boolean;
	/** Seconds. */
	sessionExpiry: number | string;
	/** A JSON object as text. */
	userProps: string;
	birthTopic: string;
	birthQos: string;
	birthRetain: string;
	birthPayload: string;
	birthMsg: MessageExtras;
	closeTopic: string;
	closeQos: string;
	closeRetain: string;
	closePayload: string;
	closeMsg: MessageExtras;
	willTopic: string;
	willQos: string;
	willRetain: string;
	willPayload: string;
	willMsg: MessageExtras;
	/** Seconds. */
	connectTimeout: number | string;
	/** Seconds between attempts to connect. */
	reconnectMin: number | string;
	reconnectMax: number | string;
	/** Bytes. */
	maximumPacketSize: number | string;
	receiveMaximum: number | string;
	topicAliasMaximum: number | string;
	/** How many messages may wait for the connection. */
	queueSize: number | string;
	queueMegabytes: number | string;
	/** Which message is given up when no more may wait. */
	queueDrop: "newest" | "oldest";
	/** Messages with QoS 0 wait, too. */
	queueQos0: boolean;
	/** What waits is kept on the disk, and sent after a restart. */
	queueDisk: boolean;
}

export const brokerDefaults = {
	name: "",
	kind: "embedded",
	host: "127.0.0.1",
	port: 1883,
	anonymous: "auto",
	access: "users",
	durability: "interval",
	redisUrl: "",
	limits: {},
	serverReference: "",
	passwordFile: "",
	aclFile: "",
	tlsPort: "",
	wsPort: "",
	wssPort: "",
	listeners: "",
	webPath: "",
	certFile: "",
	keyFile: "",
	caFile: "",
	serverTls: "",
	clientCert: "none",
	certUser: "none",
	broker: "",
	clientid: "",
	autoConnect: true,
	usetls: false,
	tls: "",
	verifyservercert: true,
	protocolVersion: "4",
	keepalive: 60,
	cleansession: true,
	autoUnsubscribe: true,
	sessionExpiry: 0,
	userProps: "",
	birthTopic: "",
	birthQos: "0",
	birthRetain: "false",
	birthPayload: "",
	birthMsg: {},
	closeTopic: "",
	closeQos: "0",
	closeRetain: "false",
	closePayload: "",
	closeMsg: {},
	willTopic: "",
	willQos: "0",
	willRetain: "false",
	willPayload: "",
	willMsg: {},
	connectTimeout: 15,
	reconnectMin: 1,
	reconnectMax: 30,
	maximumPacketSize: "",
	receiveMaximum: "",
	topicAliasMaximum: "",
	queueSize: 10_000,
	queueMegabytes: 16,
	queueDrop: "newest",
	queueQos0: true,
	queueDisk: true,
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

/**
 * How an answer is known to belong to a request:
 * - `auto`: by the properties of MQTT 5; over a connection of MQTT 3 as `topic`.
 * - `topic`: by an id in both topics.
 * - `payload`: by an id in a property of both payloads, which are JSON objects.
 * - `order`: the next message is the answer, and there is one request at a time.
 */
export const answerKinds = ["auto", "topic", "payload", "order"] as const;
export type AnswerKind = (typeof answerKinds)[number];

/** Properties of the request node. */
export interface RequestProperties {
	name: string;
	/** Id of the config node. */
	broker: string;
	/** Where requests go; empty when the message says it. With `topic` it may hold `{id}`. */
	topic: string;
	qos: string;
	answers: AnswerKind;
	/** Where answers come. With `topic` it holds `{id}` when it is not empty. */
	respTopic: string;
	/** With `payload`: the property that holds the id. */
	idProperty: string;
	/** Seconds to wait for an answer. */
	timeout: number | string;
	/** How many requests may be without answer at the same time. */
	limit: number | string;
	/** Of the answer's payload. */
	datatype: Datatype;
	/** 2 when requests without answer leave by an output of their own. */
	outputs: 1 | 2;
}

export const requestDefaults = {
	name: "",
	broker: "",
	topic: "",
	qos: "1",
	answers: "auto",
	respTopic: "",
	idProperty: "id",
	timeout: 10,
	limit: 100,
	datatype: "auto-detect",
	outputs: 1,
} as const satisfies RequestProperties;

/** One line of the bridge's list; what Mosquitto writes as `topic <filter> <direction> <qos> <localPrefix> <remotePrefix>`. */
export interface BridgeRuleProperties {
	/** A topic filter that both brokers' topics have behind their prefixes; empty: the prefixes are the two topics. */
	filter: string;
	/** As seen from the broker in this process. */
	direction: "out" | "in" | "both";
	/** The highest QoS with which messages cross. */
	qos: number | string;
	localPrefix: string;
	remotePrefix: string;
}

/** Properties of the bridge node. */
export interface BridgeProperties {
	/** Part of the client id, with the name of this machine; without a name it is the id of the node. */
	name: string;
	/** Id of the config node of kind `embedded`. */
	broker: string;
	/** Id of the config node of kind `remote`: addresses, TLS, login, keep alive, pauses between attempts. */
	remote: string;
	rules: readonly BridgeRuleProperties[];
	/** `lazy`: connects when messages wait, and leaves when nothing has crossed for a while. `once`: never again after a loss. */
	start: "automatic" | "lazy" | "once";
	/** Lazy: how many messages must wait. */
	startThreshold: number | string;
	/** Lazy: seconds without a message after which the connection is ended. */
	idleTimeout: number | string;
	/** Client id at the other broker; empty: `<host name>.<name>`. */
	clientid: string;
	/** 3 is MQTT 3.1, 4 is 3.1.1. `auto`: 5, and 3.1.1 when the other broker does not speak that. */
	protocolVersion: "auto" | "5" | "4" | "3";
	/** Before MQTT 5: tell the other broker that this is a bridge, as Mosquitto does. */
	tryPrivate: boolean;
	/** Forget, at each connect, what the other broker has kept, and what was under way. */
	cleansession: boolean;
	/** With several addresses: go on with the next one after a loss, in place of the first. */
	roundRobin: boolean;
	/** Tell with a retained message, 1 or 0, whether the bridge is connected. */
	notifications: boolean;
	/** Empty: `$SYS/broker/connection/<client id>/state`. */
	notificationTopic: string;
	/** Only to the broker in this process. */
	notificationsLocalOnly: boolean;
	/** Keep the retain flag of messages that go out. */
	outgoingRetain: boolean;
	/** After rules were changed, unsubscribe from what the other broker may still have of an earlier session. */
	attemptUnsubscribe: boolean;
	/** Mark messages, in a user property of MQTT 5, so that they never arrive twice where bridges form a ring. */
	loopGuard: boolean;
	/** User of the embedded broker in whose name messages cross; empty: every topic that the rules name. */
	user: string;
	/** How many messages may wait for the connection. */
	queueSize: number | string;
	queueMegabytes: number | string;
	/** Which message is given up when no more may wait. */
	queueDrop: "newest" | "oldest";
	/** Messages with QoS 0 wait, too. */
	queueQos0: boolean;
}

export const bridgeRuleDefaults = {
	filter: "#",
	direction: "out",
	qos: "0",
	localPrefix: "",
	remotePrefix: "",
} as const satisfies BridgeRuleProperties;

export const bridgeDefaults = {
	name: "",
	broker: "",
	remote: "",
	rules: [],
	start: "automatic",
	startThreshold: 10,
	idleTimeout: 60,
	clientid: "",
	protocolVersion: "auto",
	tryPrivate: true,
	cleansession: false,
	roundRobin: false,
	notifications: true,
	notificationTopic: "",
	notificationsLocalOnly: false,
	outgoingRetain: true,
	attemptUnsubscribe: true,
	loopGuard: true,
	user: "",
	queueSize: 10_000,
	queueMegabytes: 16,
	queueDrop: "newest",
	queueQos0: false,
} as const satisfies BridgeProperties;
