/** WebSocket connections through an HTTP proxy, as the environment asks for it. */

import { request as plainRequest } from "node:http";
import { request as encryptedRequest } from "node:https";
import type { Socket } from "node:net";
import type { Server } from "./remote-options";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The variables that other programs know, too: `http_proxy` for ws, `https_proxy` for wss, `all_proxy` for both, and
 * `no_proxy` with the hosts that are reached directly; in small or in capital letters.
 * @returns the URL of the proxy; undefined for a direct connection
 */
export function proxyOf({ scheme, host, port }: Server, environment: Environment): string | undefined {
	if (scheme !== "ws" && scheme !== "wss") return undefined;
	const value = (name: string) => environment[name] || environment[name.toUpperCase()] || undefined;
	const exceptions = (value("no_proxy") ?? "").split(/[\s,]+/).filter((one) => one !== "");
	if (exceptions.some((one) => isException(one.toLowerCase(), host.toLowerCase(), port))) return undefined;
	const proxy = value(scheme === "ws" ? "http_proxy" : "https_proxy") ?? value("all_proxy");
	return proxy && !proxy.includes("://") ? `http://${proxy}` : proxy;
}

/** `*` is every host; `example.com`, `.example.com` and `*.example.com` are the host and those below it. */
function isException(exception: string, host: string, port: number): boolean {
	const [, name = "", only] = /^(.*?)(?::(\d+))?$/.exec(exception) ?? [];
	if (only !== undefined && Number(only) !== port) return false;
	const bare = name.replace(/^\*?\.?/, "");
	return name === "*" || host === bare || (bare !== "" && host.endsWith(`.${bare}`));
}

/** Asks the proxy for a connection to the server. Rejects with a sentence that names the proxy. */
export function throughProxy(proxy: string, { host, port }: Pick<Server, "host" | "port">): Promise<Socket> {
	const url = new URL(proxy);
	const name = `the proxy ${url.host}`;
	const authority = `${host.includes(":") ? `[${host}]` : host}:${port}`;
	const login = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
	const request = (url.protocol === "https:" ? encryptedRequest : plainRequest)({
		host: url.hostname.replace(/^\[|\]$/g, ""),
		port: url.port || (url.protocol === "https:" ? 443 : 80),
		method: "CONNECT",
		path: authority,
		headers: {
			host: authority,
			...(url.username && { "proxy-authorization": `Basic ${Buffer.from(login).toString("base64")}` }),
		},
		agent: false,
	});
	return new Promise((resolve, reject) => {
		request.once("connect", ({ statusCode, statusMessage }, socket: Socket, head: Buffer) => {
			if (statusCode === 200) {
				if (head.length > 0) socket.unshift(head);
				resolve(socket);
				return;
			}
			socket.destroy();
			reject(new Error(`${name} answers ${statusCode} ${statusMessage}`));
		});
		request.once("error", (error) =>
			reject(new Error(`${name} can't be reached (${error.message})`, { cause: error })),
		);
		request.end();
	});
}
