/** Turns an HTTP request for a WebSocket into a stream for MQTT, or answers why not. */

import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { type ServerOptions, WebSocketServer } from "ws";
import { HandshakeProblem } from "./handshake-problem";
import { type OriginRules, whyNotOrigin } from "./origin";
import { WebSocketStream } from "./web-socket-stream";

/** The names of MQTT among WebSocket's subprotocols: the standard's, and that of clients for MQTT 3.1. */
const SUBPROTOCOLS = ["mqtt", "mqttv3.1"] as const;
/** Packets of MQTT may share a frame, so that small packet limits leave room for some. In bytes. */
const LEAST_FRAME = 65_536;
/** Milliseconds that a client gets to answer a close frame. */
const CLOSE_TIMEOUT = 1_000;

export class WebSocketUpgrade {
	readonly #origins: OriginRules;
	readonly #webSockets: WebSocketServer;
	/** Requests under way, for the errors that ws finds in them. */
	readonly #refuse = new WeakMap<IncomingMessage, (status: number, problem: string) => void>();

	/** @param packetSize the largest packet of MQTT, in bytes */
	constructor(origins: OriginRules, packetSize: number) {
		this.#origins = origins;
		const options: ServerOptions & { closeTimeout: number } = {
			noServer: true,
			clientTracking: false,
			perMessageDeflate: false,
			maxPayload: Math.max(packetSize, LEAST_FRAME),
			closeTimeout: CLOSE_TIMEOUT,
			handleProtocols: (offered) => SUBPROTOCOLS.find((name) => offered.has(name)) ?? false,
		};
		this.#webSockets = new WebSocketServer(options);
		this.#webSockets.on("wsClientError", (error, _socket, request) => this.#refuse.get(request)?.(400, error.message));
	}

	/**
	 * The path must have been looked at before.
	 * @throws HandshakeProblem when the request was refused; it is answered then
	 */
	accept(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<WebSocketStream> {
		return new Promise((resolve, reject) => {
			const refuse = (status: number, problem: string) => {
				refuseUpgrade(socket, status, problem);
				reject(new HandshakeProblem("websocket", problem));
			};
			const { origin, host } = request.headers;
			const foreign = whyNotOrigin(origin, host, this.#origins);
			if (foreign !== undefined) return refuse(403, foreign);
			if (!offersMqtt(request)) return refuse(400, "did not offer the WebSocket subprotocol mqtt");
			socket.once("close", () => reject(new HandshakeProblem("websocket", "left during the WebSocket handshake")));
			this.#refuse.set(request, refuse);
			this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => resolve(new WebSocketStream(webSocket)));
		});
	}
}

/** Answers a request that gets no WebSocket, and ends its connection. @param problem for people, in one line */
export function refuseUpgrade(socket: Duplex, status: number, problem: string): void {
	const body = `The client ${problem}.\n`;
	const head = [
		`HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
		"Connection: close",
		"Content-Type: text/plain; charset=utf-8",
		`Content-Length: ${Buffer.byteLength(body)}`,
	];
	socket.on("error", () => {});
	socket.once("finish", () => socket.destroy());
	socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}

function offersMqtt({ headers }: IncomingMessage): boolean {
	const offered = (headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
	return SUBPROTOCOLS.some((name) => offered.includes(name));
}
