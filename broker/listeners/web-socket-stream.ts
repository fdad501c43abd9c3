/** A WebSocket as the stream of bytes that MQTT runs on: one binary frame for each write. [MQTT-6.0.0-1] */

import { Duplex } from "node:stream";
import { WebSocket } from "ws";

/** Close codes of RFC 6455, 7.4.1. */
const NORMAL = 1000;
const UNSUPPORTED_DATA = 1003;

export class WebSocketStream extends Duplex {
	readonly #webSocket: WebSocket;
	/** A close frame with a reason is on its way: ws ends the connection when it was answered, or soon. */
	#closing = false;

	constructor(webSocket: WebSocket) {
		super({ allowHalfOpen: false });
		this.#webSocket = webSocket;
		webSocket.on("message", (data, isBinary) => this.#receive(data as Buffer, isBinary));
		webSocket.on("error", (error) => {
			this.#closing = true;
			this.destroy(error);
		});
		webSocket.on("close", () => {
			if (!this.destroyed) this.push(null);
		});
	}

	override _read(): void {
		if (this.#webSocket.isPaused) this.#webSocket.resume();
	}

	override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
		this.#webSocket.send(chunk, { binary: true }, done);
	}

	override _final(done: (error?: Error | null) => void): void {
		if (this.#webSocket.readyState === WebSocket.CLOSED) {
			done();
			return;
		}
		this.#webSocket.once("close", () => done());
		this.#webSocket.close(NORMAL);
	}

	override _destroy(error: Error | null, done: (error: Error | null) => void): void {
		if (!this.#closing) this.#webSocket.terminate();
		done(error);
	}

	#receive(data: Buffer, isBinary: boolean): void {
		if (this.destroyed) return;
		if (!isBinary) {
			this.#closing = true;
			this.#webSocket.close(UNSUPPORTED_DATA, "MQTT needs binary frames");
			this.destroy(new Error("it sent a text frame, and MQTT needs binary frames"));
			return;
		}
		if (!this.push(data)) this.#webSocket.pause();
	}
}
