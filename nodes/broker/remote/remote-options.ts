/** The settings of a connection to another broker, checked and complete. */

import type { Message, MessageProperties } from "../../../broker";

export type Scheme = "mqtt" | "mqtts" | "ws" | "wss";

/** Where a broker listens. */
export interface Server {
	readonly scheme: Scheme;
	/** A name or an address; an IPv6 address without brackets. */
	readonly host: string;
	readonly port: number;
	/** For WebSocket: path and query. */
	readonly path: string;
	/** For WebSocket: URL of the HTTP proxy on the way, which may hold a password. */
	readonly proxy?: string;
}

/** What Node's TLS takes, as Node-RED's `tls-config` node fills it in. */
export interface TlsSettings {
	readonly ca?: string | Buffer;
	readonly cert?: string | Buffer;
	readonly key?: string | Buffer;
	readonly pfx?: string | Buffer;
	readonly passphrase?: string;
	readonly servername?: string;
	readonly ALPNProtocols?: string[];
	readonly rejectUnauthorized: boolean;
}

/** How many messages may wait for the connection. */
export interface QueueLimits {
	readonly messages: number;
	readonly bytes: number;
	/** Which message is given up when there is no more room: the one that comes, or the one that waits longest. */
	readonly drop: "newest" | "oldest";
	/** May messages with QoS 0 wait, too? */
	readonly qos0: boolean;
}

/** A message that the broker sends when the connection breaks. */
export interface Will extends Message {
	/** Seconds that the broker waits before it sends it. */
	readonly delay?: number;
}

export interface RemoteOptions {
	/** In the order in which they are tried. */
	readonly servers: readonly Server[];
	/** Empty: one is made up. */
	readonly clientId: string;
	readonly user: string | undefined;
	readonly password: string | undefined;
	/** 3 is MQTT 3.1, 4 is 3.1.1. */
	readonly protocolVersion: 3 | 4 | 5;
	/** Seconds; 0 for never. */
	readonly keepalive: number;
	/** Forget the session when connecting: no subscription and no message of an earlier connection counts. */
	readonly clean: boolean;
	/** Leave subscriptions in the broker's session when a node goes because of a deploy or a stop. */
	readonly keepSubscriptions: boolean;
	/** MQTT 5, seconds. */
	readonly sessionExpiry: number | undefined;
	readonly userProperties: MessageProperties["userProperties"];
	readonly tls: TlsSettings;
	/** Connect at the start; else only when a message asks for it. */
	readonly autoConnect: boolean;
	/** Milliseconds. */
	readonly connectTimeout: number;
	/** Milliseconds between attempts. */
	readonly pause: { readonly minimum: number; readonly maximum: number };
	/** MQTT 5: what the broker may send. */
	readonly maximumPacketSize: number | undefined;
	readonly receiveMaximum: number | undefined;
	readonly topicAliasMaximum: number | undefined;
	/** Published after each connect. */
	readonly birth: Message | undefined;
	/** Published before the connection is ended on purpose. */
	readonly close: Message | undefined;
	readonly will: Will | undefined;
	readonly queue: QueueLimits;
	/** Where messages wait on the disk; undefined: only in memory. Messages for another broker have another folder. */
	readonly outboxFolder: string | undefined;
}
