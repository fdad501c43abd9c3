/** What a flow file stores for a connection to another broker. */

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
