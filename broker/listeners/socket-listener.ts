/** A listener with a port or a socket file of its own. */

import { createServer, type Server, type Socket } from "node:net";
import type { LimitOptions } from "../limits";
import { AddressRefused, arrive, endOf, type Layers } from "./arrival";
import { type Gate, isRefusal, type Pass } from "./gate";
import { HandshakeProblem } from "./handshake-problem";
import type { Listener, ListenerCertificate, ListenerEvents, ListenerState } from "./listener";
import { isLoopback, type ListenerOptions } from "./listener-options";
import { openServer } from "./open-server";
import { ProxyProtocol } from "./proxy-protocol";
import type { RefusalLog } from "./refusal-log";
import { TlsLayer } from "./tls-layer";
import { WebSocketLayer } from "./web-socket-layer";
import { whyNotOpen } from "./why-not-open";

const DAY = 86_400_000;

/** What the listeners of a broker share. */
export interface ListenerParts {
	readonly limits: LimitOptions;
	readonly gate: Gate;
	readonly refusals: RefusalLog;
	readonly events: ListenerEvents;
}

export class SocketListener implements Listener {
	readonly #options: ListenerOptions;
	readonly #parts: ListenerParts;
	readonly #layers: Layers;
	/** All that are not closed. */
	readonly #connections = new Set<Socket>();
	/** Those that MQTT has not begun on. */
	readonly #arriving = new Set<Socket>();
	#server: Server | undefined;
	#state: ListenerState;

	constructor(options: ListenerOptions, parts: ListenerParts) {
		this.#options = options;
		this.#parts = parts;
		this.#layers = this.#makeLayers();
		const { name, kind, host, port, path } = options;
		this.#state = { name, kind, host, port, up: false, error: undefined, ...(path !== undefined && { path }) };
	}

	get state(): ListenerState {
		const certificate = this.#certificate();
		return certificate ? { ...this.#state, certificate } : this.#state;
	}

	async open(): Promise<void> {
		const server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
		try {
			await this.#layers.tls?.open();
			await this.#listen(server);
		} catch (error) {
			await this.#layers.tls?.close();
			this.#state = { ...this.#state, up: false, error: error as NonNullable<ListenerState["error"]> };
			throw error;
		}
		// After listening only an accept can fail (too many open files): the next one may work again.
		server.on("error", () => {});
		this.#server = server;
		const address = server.address();
		const port = typeof address === "object" && address ? address.port : this.#options.port;
		this.#state = { ...this.#state, port, up: true, error: undefined };
	}

	async close(): Promise<void> {
		const server = this.#server;
		this.#server = undefined;
		this.#state = { ...this.#state, up: false, error: undefined };
		for (const socket of this.#arriving) socket.destroy();
		if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
		await this.#layers.tls?.close();
	}

	#makeLayers(): Layers {
		const { kind, path, origins = [], tls, proxyProtocol } = this.#options;
		const { connectTimeout, packetSize } = this.#parts.limits;
		const isWebSocket = kind === "ws" || kind === "wss";
		return {
			proxy: proxyProtocol && new ProxyProtocol(proxyProtocol.trusted),
			tls: tls && new TlsLayer(tls, connectTimeout, () => this.#certificateChanged()),
			webSocket: isWebSocket
				? new WebSocketLayer(path, { origins, loopback: isLoopback(this.#options) }, packetSize)
				: undefined,
		};
	}

	async #listen(server: Server): Promise<void> {
		try {
			await openServer(server, this.#options);
		} catch (cause) {
			throw whyNotOpen(cause, this.#options);
		}
	}

	#certificateChanged(): void {
		if (!this.#server) return;
		this.#state = { ...this.#state, error: this.#layers.tls?.problem };
		this.#parts.events.changed(this.state);
	}

	#certificate(): ListenerCertificate | undefined {
		const material = this.#layers.tls?.material;
		if (!material) return undefined;
		const { subject, notAfter } = material;
		return { subject, notAfter, daysLeft: Math.floor((notAfter - Date.now()) / DAY) };
	}

	#accept(socket: Socket): void {
		// Every layer hears of the end of a connection by its own events.
		socket.on("error", () => {});
		const { maxConnections = Number.POSITIVE_INFINITY } = this.#options;
		if (this.#connections.size >= maxConnections) {
			this.#refuse(socket, "maxConnections", `all ${maxConnections} connections of this listener are in use`);
			return;
		}
		let madeRoom = false;
		const pass = this.#parts.gate.enter(() => {
			madeRoom = true;
			this.#refuse(socket, "room", "was too slow to log in, and others wait");
		});
		if (isRefusal(pass)) {
			this.#refuse(socket, pass.limit, pass.reason);
			return;
		}
		this.#connections.add(socket);
		socket.once("close", () => {
			this.#connections.delete(socket);
			pass.leave();
		});
		this.#welcome(socket, pass).catch((error: unknown) => {
			if (this.#server && !madeRoom) this.#refuse(socket, ...kindAndReason(error));
			else socket.destroy();
		});
	}

	/** Rejects with what is wrong with the client. */
	async #welcome(socket: Socket, pass: Pass): Promise<void> {
		const { gate, limits, events } = this.#parts;
		let late = false;
		const timer = setTimeout(() => {
			late = true;
			socket.destroy();
		}, limits.connectTimeout * 1_000);
		this.#arriving.add(socket);
		try {
			const arrived = await arrive(socket, this.#options, this.#layers, (address) => pass.come(address));
			if (arrived.connection.destroyed) return;
			gate.belongs(pass, arrived.peer);
			events.connection(arrived.connection, arrived.peer);
		} catch (error) {
			if (!late || !(error instanceof HandshakeProblem)) throw error;
			throw new HandshakeProblem(error.step, `was not ready for MQTT within ${limits.connectTimeout} seconds`, error);
		} finally {
			clearTimeout(timer);
			this.#arriving.delete(socket);
		}
	}

	#refuse(socket: Socket, kind: string, reason: string): void {
		this.#parts.refusals.add(this.#options.name, kind, endOf(socket).address, reason);
		// A request for a WebSocket was answered: the connection ends when the answer is written.
		if (kind !== "websocket") socket.destroy();
	}
}

function kindAndReason(error: unknown): [kind: string, reason: string] {
	if (error instanceof AddressRefused) return [error.refusal.limit, error.message];
	if (error instanceof HandshakeProblem) return [error.step, error.message];
	return ["fault", String(error)];
}
