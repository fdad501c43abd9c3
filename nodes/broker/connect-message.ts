/** Reads `msg.broker` of the action `connect`: other settings for the connection, by the names that flows know. */

import type { RawProperties } from "./fields";
import type { Login } from "./remote-settings";

export interface ConnectRequest {
	/** Properties in place of those of the node. */
	readonly properties: RawProperties;
	/** Login in place of the node's. */
	readonly login: Login;
	readonly force: boolean;
}

/** Names that are the same in the node. */
const sameNames = [
	"broker",
	"port",
	"clientid",
	"usetls",
	"verifyservercert",
	"protocolVersion",
	"keepalive",
	"cleansession",
	"autoUnsubscribe",
	"maximumPacketSize",
	"receiveMaximum",
	"topicAliasMaximum",
] as const;

/** @returns undefined when the message brings no settings: it may be `true` or a text, as with Node-RED's own node */
export function connectRequestOf(raw: unknown): ConnectRequest | undefined {
	if (typeof raw !== "object" || raw === null) return undefined;
	const given = raw as Record<string, unknown>;
	const properties: Record<string, unknown> = {};
	for (const name of sameNames) if (name in given) properties[name] = given[name];
	take(given, ["url"], properties, "broker");
	take(given, ["userProps", "userProperties"], properties, "userProps");
	take(given, ["sessionExpiry", "sessionExpiryInterval"], properties, "sessionExpiry");
	for (const name of ["birth", "close", "will"] as const) {
		if (name in given) Object.assign(properties, messageOf(name, given[name]));
	}
	return {
		properties,
		login: {
			...("username" in given && { user: given.username }),
			...("password" in given && { password: given.password }),
		},
		force: given.force === true || given.force === "true",
	};
}

/** An empty one takes the message away. */
function messageOf(name: "birth" | "close" | "will", raw: unknown): RawProperties {
	const message = typeof raw === "object" && raw !== null ? (raw as Record<string, unknown>) : {};
	const held = message.properties;
	const given = typeof held === "object" && held !== null ? (held as Record<string, unknown>) : {};
	const extras: Record<string, unknown> = { ...given };
	take(given, ["respTopic", "responseTopic"], extras, "respTopic");
	take(given, ["correl", "correlationData"], extras, "correl");
	take(given, ["expiry", "messageExpiryInterval"], extras, "expiry");
	take(given, ["delay", "willDelayInterval"], extras, "delay");
	take(given, ["userProps", "userProperties"], extras, "userProps");
	return {
		[`${name}Topic`]: message.topic ?? "",
		[`${name}Payload`]: message.payload ?? "",
		[`${name}Qos`]: message.qos ?? 0,
		[`${name}Retain`]: message.retain ?? false,
		[`${name}Msg`]: extras,
	};
}

/** The first of the names that is there. */
function take(
	from: Readonly<Record<string, unknown>>,
	names: readonly string[],
	to: Record<string, unknown>,
	name: string,
): void {
	const found = names.find((one) => one in from);
	if (found !== undefined) to[name] = from[found];
}
