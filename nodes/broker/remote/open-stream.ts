/** Opens the stream to a server: TCP, TLS or WebSocket. */

import { connect, isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { type ClientOptions, createWebSocketStream, WebSocket } from "ws";
import { throughProxy } from "./proxy";
import type { RemoteOptions, Server } from "./remote-options";
import { describeServer } from "./servers";

/** The stream may be written to at once: it sends when it is open, and emits `error` and `close` when that fails. */
export function openStream(server: Server, options: Pick<RemoteOptions, "tls" | "protocolVersion">): Duplex {
	const { scheme, host, port } = server;
	switch (scheme) {
		case "mqtt":
			return connect({ host, port, noDelay: true });
		case "mqtts": {
			const servername = options.tls.servername ?? (isIP(host) === 0 ? host : undefined);
			const socket = connectTls({ ...options.tls, host, port, ...(servername !== undefined && { servername }) });
			return socket.setNoDelay(true);
		}
		default: {
			const protocol = options.protocolVersion === 3 ? "mqttv3.1" : "mqtt";
			const tls = scheme === "wss" ? options.tls : {};
			const socket = new WebSocket(describeServer(server), [protocol], { ...tls, ...proxied(server, tls) });
			const stream = createWebSocketStream(socket);
			socket.on("close", () => stream.destroy());
			return stream;
		}
	}
}

/** For `ws`, which gives it to Node's HTTP client: that also takes a connection that comes later. */
function proxied(server: Server, tls: object): ClientOptions {
	const { proxy, scheme, host } = server;
	if (proxy === undefined) return {};
	const createConnection = (_options: object, done: (error: Error | null, socket?: Duplex) => void) => {
		throughProxy(proxy, server).then(
			(socket) => {
				const servername = isIP(host) === 0 ? { servername: host } : {};
				done(null, scheme === "wss" ? connectTls({ ...servername, ...tls, host, socket }) : socket);
			},
			(error: Error) => done(error),
		);
	};
	return { createConnection: createConnection as unknown as NonNullable<ClientOptions["createConnection"]> };
}
