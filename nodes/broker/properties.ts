/** What a flow file stores for the config node: pure, as in the other folders. */

import type { RemoteProperties } from "./remote-properties";

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
