/** Speaks enough HTTP on a connection to make a WebSocket of it. */

import { createServer, type IncomingMessage, type Server } from "node:http";
import type { Duplex } from "node:stream";
import { HandshakeProblem } from "./handshake-problem";
import type { OriginRules } from "./origin";
import type { WebSocketStream } from "./web-socket-stream";
import { refuseUpgrade, WebSocketUpgrade } from "./web-socket-upgrade";

const USUAL_PATHS = ["/", "/mqtt"];

interface Waiting {
	readonly resolve: (stream: Promise<WebSocketStream>) => void;
	readonly reject: (problem: HandshakeProblem) => void;
}

export class WebSocketLayer {
	readonly #upgrade: WebSocketUpgrade;
	readonly #paths: readonly string[];
	/** Takes connections by its event only: it never listens. */
	readonly #server: Server;
	readonly #waiting = new WeakMap<Duplex, Waiting>();

	/** @param path the only one that is served; default `/` and `/mqtt` */
	constructor(path: string | undefined, origins: OriginRules, packetSize: number) {
		this.#paths = path === undefined ? USUAL_PATHS : [path];
		this.#upgrade = new WebSocketUpgrade(origins, packetSize);
		this.#server = createServer((_request, response) => {
			response.writeHead(426, { Connection: "close", Upgrade: "websocket", "Content-Type": "text/plain" });
			response.end("Here is MQTT over WebSocket: connect with an MQTT client, to ws:// or wss://.\n");
		});
		this.#server.on("upgrade", (request, socket, head) => this.#upgraded(request, socket, head));
	}

	/** @throws HandshakeProblem */
	open(socket: Duplex): Promise<WebSocketStream> {
		return new Promise((resolve, reject) => {
			this.#waiting.set(socket, { resolve, reject });
			socket.once("close", () => reject(new HandshakeProblem("websocket", "did not ask for a WebSocket")));
			// An event that Node documents as the way to hand a server a connection.
			this.#server.emit("connection", socket);
		});
	}

	#upgraded(request: IncomingMessage, socket: Duplex, head: Buffer): void {
		const waiting = this.#waiting.get(socket);
		if (!waiting) {
			socket.destroy();
			return;
		}
		const path = pathOf(request);
		if (this.#paths.includes(path)) {
			waiting.resolve(this.#upgrade.accept(request, socket, head));
			return;
		}
		const problem = `asked for the path ${JSON.stringify(path.slice(0, 100))}: here is only ${this.#paths.join(" and ")}`;
		refuseUpgrade(socket, 404, problem);
		waiting.reject(new HandshakeProblem("websocket", problem));
	}
}

export function pathOf({ url = "/" }: IncomingMessage): string {
	return url.split("?", 1)[0] ?? "/";
}
