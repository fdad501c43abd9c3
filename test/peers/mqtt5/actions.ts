/** What every client program does with each broker, and what it must see. */

/** A message as each program tells it: `t/1=on q1`, then whatever else it came with. */
export type Seen = readonly string[];

/** A program that speaks MQTT 5. An action that it has no way to do is not there. */
export interface Peer {
	readonly name: string;
	readonly acts: Readonly<Partial<Record<ActionName, (port: number) => Promise<Seen>>>>;
	stop(): Promise<void>;
}

/** Properties that the programs set on a message. */
export const sent = {
	contentType: "text/plain",
	responseTopic: "answers/here",
	correlationData: "number 42",
	userProperty: ["room", "kitchen"],
	messageExpiryInterval: 600,
} as const;

const WITH_PROPERTIES = "type=text/plain response=answers/here correlation=number 42 user=room:kitchen expires";

/** Each with what is to be seen. The topics are the action's own. */
export const actions = {
	/** Publishes `x` to qos/0, qos/1 and qos/2, with that QoS, to a subscription of its own. */
	qos: ["qos/0=x q0", "qos/1=x q1", "qos/2=x q2"],
	properties: [`properties/t=x q1 ${WITH_PROPERTIES}`],
	/** Publishes retained; then a new subscription finds it. */
	retained: ["retained/t=x q1 retain"],
	/** A session with an expiry interval; a message is published while its client is away. */
	session: ["session/t=x q1"],
	/** What CONNACK says of that session to a client that is back. */
	"session present": ["no session", "session present"],
	/** Two members of a group; four messages. */
	shared: ["2", "2"],
	/** Publishes to itself, which it does not get; another's message it gets. */
	"no local": ["nolocal/t=other q1"],
	/** A subscription with retain as published. */
	"retain as published": ["rap/t=x q1 retain"],
	/** The connection is cut; the will comes when its delay has passed. */
	will: ["will/t=gone q1 type=text/plain"],
	/** Three messages to one topic with an alias, received with aliases where the program takes them. */
	alias: ["alias/t=1 q1", "alias/t=2 q1", "alias/t=3 q1"],
	/** Two subscriptions that overlap, with identifiers. */
	identifiers: ["identifiers/t=x q0 #1", "identifiers/t=x q1 #2"],
} as const satisfies Record<string, Seen>;

export type ActionName = keyof typeof actions;

/** As docs/mqtt5.md calls them. */
export const titles = {
	qos: "QoS 0, 1 and 2",
	properties: "properties of a message",
	retained: "retained messages",
	session: "messages that waited",
	"session present": "session present",
	shared: "shared subscriptions",
	"no local": "no local",
	"retain as published": "retain as published",
	will: "will with a delay",
	alias: "topic aliases",
	identifiers: "overlapping subscriptions with identifiers",
} as const satisfies Record<ActionName, string>;

export interface Parts {
	readonly topic: string;
	readonly payload: string;
	readonly qos: number;
	readonly retain?: boolean;
	readonly contentType?: string | undefined;
	readonly responseTopic?: string | undefined;
	readonly correlationData?: string | undefined;
	/** As `name:value`. */
	readonly user?: string | undefined;
	readonly expiry?: number | undefined;
	readonly identifier?: number | undefined;
}

/** How every program's message is written. */
export function told(parts: Parts): string {
	return [
		`${parts.topic}=${parts.payload} q${parts.qos}`,
		parts.retain ? "retain" : "",
		parts.identifier === undefined ? "" : `#${parts.identifier}`,
		parts.contentType ? `type=${parts.contentType}` : "",
		parts.responseTopic ? `response=${parts.responseTopic}` : "",
		parts.correlationData ? `correlation=${parts.correlationData}` : "",
		parts.user ? `user=${parts.user}` : "",
		// How long it still lasts depends on the clock.
		parts.expiry ? "expires" : "",
	]
		.filter((part) => part !== "")
		.join(" ");
}
