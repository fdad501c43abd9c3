/** Turns the arguments that pub and sub share into the settings of a connection, and checks them. */

import { readFileSync } from "node:fs";
import { isTopicName } from "../../broker";
import type { ClientArguments } from "./arguments";
import { ClientError, usageError } from "./client-error";
import type { OptionName } from "./option-table";

export type QoS = 0 | 1 | 2;

/** Where and how to connect. */
export interface ConnectionSettings {
	readonly host: string;
	readonly port: number;
	readonly socketPath: string | undefined;
	/** `undefined`: no TLS. */
	readonly tls: TlsSettings | undefined;
	readonly noDelay: boolean;
	/** 3 is MQTT 3.1, 4 is 3.1.1, 5 is 5.0. */
	readonly protocolVersion: 3 | 4 | 5;
	/** Empty: the broker gives one. */
	readonly clientId: string;
	readonly clean: boolean;
	/** Seconds; only MQTT 5. */
	readonly sessionExpiry: number | undefined;
	/** Seconds. */
	readonly keepalive: number;
	readonly username: string | undefined;
	readonly password: string | undefined;
	readonly will: WillSettings | undefined;
	/** The topic of the URL, if there is one. */
	readonly urlTopic: string | undefined;
}

export interface TlsSettings {
	readonly ca: Buffer | undefined;
	readonly cert: Buffer | undefined;
	readonly key: Buffer | undefined;
	readonly checkHostName: boolean;
}

export interface WillSettings {
	readonly topic: string;
	readonly payload: Buffer;
	readonly qos: QoS;
	readonly retain: boolean;
}

/** In place of -P, which the process list shows. */
export const passwordVariable = "FLOWBROKER_PASSWORD";

const versions: Readonly<Record<string, 3 | 4 | 5>> = {
	mqttv31: 3,
	"31": 3,
	mqttv311: 4,
	"311": 4,
	mqttv5: 5,
	"5": 5,
};

const neverExpires = 4_294_967_295;

/** @throws ClientError */
export function connectionSettings(args: ClientArguments, environment: NodeJS.ProcessEnv): ConnectionSettings {
	const { command, values, switches } = args;
	const url = values.has("url") ? parseUrl(command, values.get("url") ?? "") : undefined;
	const tls = tlsSettings(args, url?.secure ?? false);
	const password = values.get("password") ?? url?.password ?? (environment[passwordVariable] || undefined);
	const username = values.get("username") ?? url?.username;
	// The environment may be set for other calls too.
	const given = values.has("password") || url?.password !== undefined;
	if (username === undefined && given) throw new ClientError("Error: Problem setting username and/or password.");
	const clean = !switches.has("persistent");
	if (!clean && !values.has("id") && !values.has("idPrefix")) {
		throw usageError(command, "You must provide a client id if you are using the -c option.");
	}
	return {
		host: values.get("host") ?? url?.host ?? "localhost",
		port:
			wholeOption(args, "port", 1, 65_535, (text) => `Invalid port given: ${text}`) ?? url?.port ?? (tls ? 8883 : 1883),
		socketPath: values.get("unix"),
		tls,
		noDelay: switches.has("nodelay"),
		protocolVersion: versionOf(args),
		clientId: clientIdOf(args),
		clean,
		sessionExpiry: expiryOf(args, clean),
		keepalive:
			wholeOption(
				args,
				"keepalive",
				5,
				65_535,
				() => "Invalid keepalive given, it must be between 5 and 65535 inclusive.",
			) ?? 60,
		username,
		password: username === undefined ? undefined : password,
		will: willOf(args),
		urlTopic: url?.topic,
	};
}

/** @param sentence for a value that is none. @throws ClientError */
export function wholeOption(
	{ command, values }: ClientArguments,
	name: OptionName,
	least: number,
	most: number,
	sentence: (text: string) => string,
): number | undefined {
	const text = values.get(name);
	if (text === undefined) return undefined;
	const number = Number(text);
	if (/^\d+$/.test(text) && number >= least && number <= most) return number;
	throw usageError(command, sentence(text));
}

/** @throws ClientError */
export function qosOf(args: ClientArguments, name: "qos" | "willQos"): QoS {
	const what = name === "qos" ? "QoS" : "will QoS";
	return (wholeOption(args, name, 0, 2, (text) => `Invalid ${what} given: ${text}`) ?? 0) as QoS;
}

interface ParsedUrl {
	readonly secure: boolean;
	readonly host: string;
	readonly port: number | undefined;
	readonly username: string | undefined;
	readonly password: string | undefined;
	readonly topic: string;
}

function parseUrl(command: string, text: string): ParsedUrl {
	const match = /^mqtt(s?):\/\/(?:([^@/]*)@)?(\[[^\]]+\]|[^:/]*)(?::(\d+))?\/(.+)$/.exec(text);
	if (!match) {
		const form = "mqtt(s)://[username[:password]@]host[:port]/topic";
		throw usageError(command, `Invalid URL for -L argument specified: it must be ${form}.`);
	}
	const [, s, login, host = "", port, topic = ""] = match;
	const decode = (part: string) => {
		try {
			return decodeURIComponent(part);
		} catch {
			throw usageError(command, "Invalid URL for -L argument specified: a % in a name or password is written %25.");
		}
	};
	const [username, ...rest] = login?.split(":") ?? [];
	return {
		secure: s === "s",
		host: host.replace(/^\[|\]$/g, ""),
		port: port === undefined ? undefined : Number(port),
		username: username === undefined ? undefined : decode(username),
		password: rest.length === 0 ? undefined : decode(rest.join(":")),
		topic,
	};
}

function versionOf({ command, values, properties }: ClientArguments): 3 | 4 | 5 {
	const text = values.get("version");
	const version = text === undefined ? 4 : versions[text];
	if (!version) throw usageError(command, "Invalid protocol version argument given.");
	return properties.isEmpty ? version : 5;
}

function clientIdOf({ values }: ClientArguments): string {
	const id = values.get("id");
	const prefix = values.get("idPrefix");
	if (id === "") throw new ClientError("Error: Invalid id.");
	if (id !== undefined && prefix !== undefined) {
		throw new ClientError("Error: -i and -I argument cannot be used together.");
	}
	return id ?? (prefix === undefined ? "" : `${prefix}${process.pid}`);
}

function expiryOf(args: ClientArguments, clean: boolean): number | undefined {
	const text = args.values.get("expiry");
	if (text === undefined) return clean ? undefined : neverExpires;
	if (text === "-1" || text === "∞") return neverExpires;
	return wholeOption(args, "expiry", 0, neverExpires, () => "Invalid session-expiry-interval given.");
}

function willOf(args: ClientArguments): WillSettings | undefined {
	const { command, values, switches } = args;
	const topic = values.get("willTopic");
	if (topic === undefined) {
		const given: [boolean, string][] = [
			[values.has("willPayload"), "payload"],
			[values.has("willQos"), "QoS"],
			[switches.has("willRetain"), "retain"],
		];
		const orphan = given.find(([isGiven]) => isGiven)?.[1];
		if (orphan) throw usageError(command, `Will ${orphan} given, but no will topic given.`);
		return undefined;
	}
	if (!isTopicName(topic)) throw usageError(command, `Invalid will topic '${topic}', does it contain '+' or '#'?`);
	return {
		topic,
		payload: Buffer.from(values.get("willPayload") ?? ""),
		qos: qosOf(args, "willQos"),
		retain: switches.has("willRetain"),
	};
}

function tlsSettings({ command, values, switches }: ClientArguments, secure: boolean): TlsSettings | undefined {
	if (values.has("cert") !== values.has("key")) {
		throw usageError(command, "Both certfile and keyfile must be provided if one of them is set.");
	}
	const read = (name: OptionName) => {
		const path = values.get(name);
		return path === undefined ? undefined : readTlsFile(path);
	};
	const wanted = secure || values.has("cafile") || values.has("cert") || switches.has("osCerts");
	if (!wanted) return undefined;
	return { ca: read("cafile"), cert: read("cert"), key: read("key"), checkHostName: !switches.has("insecure") };
}

function readTlsFile(path: string): Buffer {
	try {
		return readFileSync(path);
	} catch (error) {
		throw new ClientError(`Error: Problem setting TLS options: File not found. (${path})`, undefined, error);
	}
}
