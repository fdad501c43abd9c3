/** Makes the settings of a connection to another broker of the config node's properties. */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { isTopicName, type Message } from "../../broker";
import { fillIn, type Lookup } from "../environment";
import { outgoingMessage, outSettings } from "../out/outgoing";
import { parseUserProperties } from "../out/user-properties";
import { textOf } from "../values";
import { Fields, invalid, type RawProperties } from "./fields";
import { brokerDefaults } from "./properties";
import { proxyOf } from "./remote/proxy";
import type { RemoteOptions, Server, TlsSettings, Will } from "./remote/remote-options";
import { describeServer, parseServers } from "./remote/servers";

/** User name and password as the node holds them: not checked, variables not filled in. */
export interface Login {
	readonly user?: unknown;
	readonly password?: unknown;
}

export interface RemoteSurroundings {
	readonly lookup: Lookup;
	readonly login: Login;
	readonly tlsOf: (id: string) => TlsSettings;
	/** Where files of this node may be kept; undefined where nothing is to be written. */
	readonly folder?: string | undefined;
	/** Tells proxies; undefined: the environment of the process. */
	readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** A day, in seconds: more than anybody waits on purpose. */
const DAY = 86_400;
/** The largest number in four and in two bytes. */
const FOUR_BYTES = 4_294_967_295;
const TWO_BYTES = 65_535;
const MEGABYTE = 1_048_576;

/** @throws FlowbrokerError OPTION_INVALID, naming the field of the form, its value and what it may be */
export function remoteOptionsOf(properties: RawProperties, surroundings: RemoteSurroundings): RemoteOptions {
	const { lookup, login, folder } = surroundings;
	const fields = new Fields(properties, lookup);
	const usetls = fields.flag("usetls", brokerDefaults.usetls);
	const port = fields.whole("port", { from: 1, to: 65_535 });
	const { servers: named, ...fromUrl } = parseServers(fields.text("broker") ?? "", port, usetls);
	const servers = named.map((server) => {
		const proxy = proxyOf(server, surroundings.environment ?? process.env);
		return proxy === undefined ? server : { ...server, proxy };
	});
	const clientId = fields.text("clientid") ?? "";
	// A session can't be found again without a client id; Node-RED's own node begins a clean one then, too.
	const clean = fields.flag("cleansession", brokerDefaults.cleansession) || clientId === "";
	const minimum = (fields.seconds("reconnectMin", { from: 0.05, to: DAY }) ?? brokerDefaults.reconnectMin) * 1000;
	const maximum = (fields.seconds("reconnectMax", { from: 0.05, to: DAY }) ?? brokerDefaults.reconnectMax) * 1000;
	const timeout = fields.seconds("connectTimeout", { from: 0.1, to: 600 }) ?? brokerDefaults.connectTimeout;
	return {
		servers,
		clientId,
		user: secretOf(login.user, "user", lookup) ?? fromUrl.user,
		password: secretOf(login.password, "password", lookup) ?? fromUrl.password,
		protocolVersion: Number(fields.choice("protocolVersion", ["3", "4", "5"], brokerDefaults.protocolVersion)) as
			| 3
			| 4
			| 5,
		keepalive: fields.whole("keepalive", { from: 0, to: TWO_BYTES }) ?? brokerDefaults.keepalive,
		clean,
		keepSubscriptions: !clean && !fields.flag("autoUnsubscribe", brokerDefaults.autoUnsubscribe),
		sessionExpiry: fields.whole("sessionExpiry", { from: 0, to: FOUR_BYTES }) || undefined,
		userProperties: parseUserProperties(textOrObject(fields.value("userProps"))),
		tls: tlsOf(fields, usetls, surroundings),
		autoConnect: fields.flag("autoConnect", brokerDefaults.autoConnect),
		connectTimeout: timeout * 1000,
		pause: { minimum, maximum: Math.max(minimum, maximum) },
		maximumPacketSize: fields.whole("maximumPacketSize", { from: 1, to: FOUR_BYTES }),
		receiveMaximum: fields.whole("receiveMaximum", { from: 1, to: TWO_BYTES }),
		topicAliasMaximum: fields.whole("topicAliasMaximum", { from: 1, to: TWO_BYTES }),
		birth: messageOf(fields, "birth"),
		close: messageOf(fields, "close"),
		will: messageOf(fields, "will"),
		queue: {
			messages: fields.whole("queueSize", { from: 0, to: 10_000_000 }) ?? brokerDefaults.queueSize,
			bytes: (fields.whole("queueMegabytes", { from: 1, to: 4_096 }) ?? brokerDefaults.queueMegabytes) * MEGABYTE,
			drop: fields.choice("queueDrop", ["newest", "oldest"], brokerDefaults.queueDrop),
			qos0: fields.flag("queueQos0", brokerDefaults.queueQos0),
		},
		outboxFolder: fields.flag("queueDisk", brokerDefaults.queueDisk) ? outboxFolder(folder, servers) : undefined,
	};
}

/** What waits for one broker must not go to another one that the node names later. */
function outboxFolder(folder: string | undefined, servers: readonly Server[]): string | undefined {
	const name = createHash("sha256").update(servers.map(describeServer).join()).digest("hex").slice(0, 12);
	return folder && join(folder, "outbox", name);
}

function tlsOf(fields: Fields, usetls: boolean, { tlsOf: held }: RemoteSurroundings): TlsSettings {
	const id = fields.text("tls");
	if (usetls && id) return held(id);
	return { rejectUnauthorized: fields.flag("verifyservercert", brokerDefaults.verifyservercert) };
}

/** Not through `fields`: their errors show the value. */
function secretOf(value: unknown, field: string, lookup: Lookup): string | undefined {
	return textOf(value) && fillIn(String(value), `field "${field}"`, lookup, true);
}

/** @returns undefined when there is no topic: there is no such message then */
function messageOf(fields: Fields, name: "birth" | "close" | "will"): Will | undefined {
	const topic = fields.text(`${name}Topic`);
	if (!topic) return undefined;
	// A broker refuses the connection over it.
	if (name === "will" && !isTopicName(topic)) throw invalid("willTopic", topic, "must not contain + or #");
	const extras = extrasOf(fields, name);
	const { delay } = extras;
	const settings = outSettings({
		...extras,
		topic,
		qos: fields.value(`${name}Qos`) || 0,
		retain: fields.flag(`${name}Retain`, false) ? "true" : "false",
	});
	const message = outgoingMessage(settings, { payload: fields.value(`${name}Payload`) ?? "" }) as Message;
	return { ...message, ...(Number(delay) > 0 && { delay: Number(delay) }) };
}

/** The values for MQTT 5 stand together in one object. */
function extrasOf(fields: Fields, name: "birth" | "close" | "will"): Record<string, unknown> {
	const field = `${name}Msg` as const;
	const held = fields.value(field) ?? {};
	if (typeof held !== "object") throw invalid(field, held, "must be an object");
	const filled = Object.entries(held).map(([key, value]) => [
		key,
		typeof value === "string" ? fields.fill(value, `${field}.${key}`) : value,
	]);
	const extras: Record<string, unknown> = Object.fromEntries(filled);
	return { ...extras, userProps: textOrObject(extras.userProps) };
}

/** A flow file holds the text of a JSON object, a message the object itself. */
function textOrObject(value: unknown): unknown {
	return typeof value === "object" && value !== null ? JSON.stringify(value) : value;
}
