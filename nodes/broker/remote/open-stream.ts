/** Opens the stream to a server: TCP, TLS or WebSocket. */

import { connect, isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { createWebSocketStream, WebSocket } from "ws";
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
			const socket = new WebSocket(describeServer(server), [protocol], scheme === "wss" ? options.tls : {});
			const stream = createWebSocketStream(socket);
			socket.on("close", () => stream.destroy());
			return stream;
		}
	}
}
