/** Reads where to connect to: host names, addresses and URLs, one or several. */

import { FlowbrokerError } from "../../../broker";
import type { Scheme, Server } from "./remote-options";

export interface ServerList {
	readonly servers: readonly Server[];
	/** User name and password out of a URL. */
	readonly user?: string;
	readonly password?: string;
}

const schemes: Readonly<Record<string, Scheme>> = {
	mqtt: "mqtt",
	tcp: "mqtt",
	mqtts: "mqtts",
	ssl: "mqtts",
	tls: "mqtts",
	ws: "ws",
	wss: "wss",
};
const defaultPorts: Readonly<Record<Scheme, number>> = { mqtt: 1883, mqtts: 8883, ws: 80, wss: 443 };
const encrypted: Readonly<Record<Scheme, Scheme>> = { mqtt: "mqtts", mqtts: "mqtts", ws: "wss", wss: "wss" };

/**
 * @param text several are parted by commas or spaces; empty stands for this machine
 * @param port for those that name none and are no URL
 * @param tls encrypt those too whose URL does not say so
 * @throws FlowbrokerError OPTION_INVALID
 */
export function parseServers(text: string, port: number | undefined, tls: boolean): ServerList {
	const parts = text.split(/[\s,]+/).filter((part) => part !== "");
	const found = (parts.length > 0 ? parts : ["localhost"]).map((part) =>
		part.includes("://") ? fromUrl(part, tls) : fromHost(part, port, tls),
	);
	const login = found.find(({ user }) => user !== undefined);
	return {
		servers: found.map(({ server }) => server),
		...(login?.user !== undefined && { user: login.user }),
		...(login?.password !== undefined && { password: login.password }),
	};
}

/** For people: `mqtt://pi.local:1883`. */
export function describeServer({ scheme, host, port, path }: Server): string {
	return `${scheme}://${bracketed(host)}:${port}${scheme.startsWith("ws") ? path : ""}`;
}

interface Found {
	readonly server: Server;
	readonly user?: string;
	readonly password?: string;
}

function fromUrl(text: string, tls: boolean): Found {
	// What a URL holds before the @ is a secret: it is not shown.
	const shown = text.replace(/\/\/[^/]*@/, "//");
	let url: URL;
	try {
		url = new URL(text);
	} catch (error) {
		throw invalid(`"${shown}" is no address of a broker`, error);
	}
	const named = schemes[url.protocol.replace(":", "").toLowerCase()];
	if (!named) throw invalid(`"${shown}" must begin with mqtt://, mqtts://, ws:// or wss://`);
	if (url.hostname === "") throw invalid(`"${shown}" names no host`);
	const scheme = tls ? encrypted[named] : named;
	const server: Server = {
		scheme,
		host: url.hostname.replace(/^\[|\]$/g, ""),
		port: url.port === "" ? defaultPorts[scheme] : Number(url.port),
		path: scheme.startsWith("ws") ? `${url.pathname || "/"}${url.search}` : "",
	};
	return {
		server,
		...(url.username && { user: decodeURIComponent(url.username) }),
		...(url.password && { password: decodeURIComponent(url.password) }),
	};
}

function fromHost(text: string, port: number | undefined, tls: boolean): Found {
	const scheme = tls ? "mqtts" : "mqtt";
	const [, inBrackets, name, own] = /^(?:\[([\da-f:.%\w]+)\]|([^:[\]/]+))(?::(\d{1,5}))?$/i.exec(text) ?? [];
	// Without brackets there is no telling the port from the end of an IPv6 address: it is all address.
	const bare = /^[\da-f]*:[\da-f:.]*:[\da-f:.]*(%\w+)?$/i.test(text) ? text : undefined;
	const host = bare ?? inBrackets ?? name;
	if (!host || Number(own ?? 0) > 65_535) throw invalid(`"${text}" is no host name or address`);
	return { server: { scheme, host, port: Number(own ?? port ?? defaultPorts[scheme]), path: "" } };
}

function bracketed(host: string): string {
	return host.includes(":") ? `[${host}]` : host;
}

function invalid(problem: string, cause?: unknown): FlowbrokerError {
	const sentence = `The field "broker" can't be used: ${problem}. Open the broker's settings and correct it.`;
	return new FlowbrokerError("OPTION_INVALID", sentence, cause);
}
