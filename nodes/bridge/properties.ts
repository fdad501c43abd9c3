/** What a flow file stores for the bridge node. */

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
