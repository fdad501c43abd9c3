/** MQTT over WebSocket on one path of an HTTP server that belongs to somebody else, beside what else it serves. */

import type { IncomingMessage, Server } from "node:http";
import type { Server as SecureServer } from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Peer } from "../engine/engine";
import { known, record, text } from "../parse";
import { endOf } from "./arrival";
import { isRefusal, type Pass } from "./gate";
import { HandshakeProblem } from "./handshake-problem";
import type { ListenerState } from "./listener";
import { type ListenerAdmission, parseAdmission, parseOrigins, urlPath } from "./listener-options";
import { given } from "./option-values";
import type { ListenerParts } from "./socket-listener";
import { pathOf } from "./web-socket-layer";
import { WebSocketUpgrade } from "./web-socket-upgrade";

export interface WebSocketPathOptions extends ListenerAdmission {
	/** For logs and messages; no listener of the broker may have the same. */
	readonly name: string;
	/** Default `false`, whatever the broker says: who reaches the HTTP server is not known here. */
	readonly anonymous: boolean;
	/** From which web pages browsers may connect, as for a listener of the kind ws. */
	readonly origins?: readonly string[];
}

/** @throws FlowbrokerError OPTION_INVALID */
export function parseWebSocketPath(input: unknown): WebSocketPathOptions {
	const settings = record(input, "webSocketPath");
	const prefix = "webSocketPath.";
	known(settings, ["name", "anonymous", "users", "groups", "origins"], prefix);
	return {
		name: text(settings.name, `${prefix}name`),
		...given(settings, prefix, "origins", parseOrigins),
		...parseAdmission(settings, prefix),
		anonymous: settings.anonymous === true,
	};
}

export class WebSocketPathListener {
	readonly #options: WebSocketPathOptions;
	readonly #parts: ListenerParts;
	readonly #upgrade: WebSocketUpgrade;
	readonly #arriving = new Set<Duplex>();
	#detach: (() => void) | undefined;
	#state: ListenerState;

	constructor(options: WebSocketPathOptions, parts: ListenerParts) {
		const { name, origins = [] } = options;
		this.#options = options;
		this.#parts = parts;
		this.#upgrade = new WebSocketUpgrade({ origins, loopback: false }, parts.limits.packetSize);
		this.#state = { name, kind: "ws", host: "", port: 0, up: false, error: undefined };
	}

	/** The port is that of the HTTP server, 0 as long as it does not listen. */
	get state(): ListenerState {
		return this.#state;
	}

	/**
	 * Serves the path until {@link detach}. Requests for other paths are not touched, so that others can serve them.
	 * @throws FlowbrokerError OPTION_INVALID when the path is none
	 */
	attach(server: Server | SecureServer, path: string): void {
		this.detach();
		const own = urlPath(path, "path");
		const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
			if (pathOf(request) === own) this.#accept(request, socket as Socket, head);
		};
		server.on("upgrade", upgrade);
		this.#detach = () => server.off("upgrade", upgrade);
		const address = server.address();
		const port = typeof address === "object" && address ? address.port : 0;
		this.#changed({ ...this.#state, port, path: own, up: true });
	}

	/** Clients that are connected stay. May be called at any time. */
	detach(): void {
		if (!this.#detach) return;
		this.#detach();
		this.#detach = undefined;
		for (const socket of this.#arriving) socket.destroy();
		this.#changed({ ...this.#state, up: false });
	}

	#accept(request: IncomingMessage, socket: Socket, head: Buffer): void {
		socket.on("error", () => {});
		const { gate, refusals } = this.#parts;
		const { address } = endOf(socket);
		const refuse = (kind: string, reason: string) => {
			refusals.add(this.#options.name, kind, address, reason);
			socket.destroy();
		};
		const pass = gate.enter(() => refuse("room", "was too slow to log in, and others wait"));
		if (isRefusal(pass)) {
			refuse(pass.limit, pass.reason);
			return;
		}
		socket.once("close", () => pass.leave());
		const refusal = pass.come(address);
		if (refusal) {
			refuse(refusal.limit, refusal.reason);
			return;
		}
		this.#welcome(request, socket, head, pass).catch((error: unknown) => {
			const kind = error instanceof HandshakeProblem ? error.step : "fault";
			// The request was answered: the answer goes out first.
			refusals.add(this.#options.name, kind, address, error instanceof Error ? error.message : String(error));
		});
	}

	async #welcome(request: IncomingMessage, socket: Socket, head: Buffer, pass: Pass): Promise<void> {
		this.#arriving.add(socket);
		try {
			const connection = await this.#upgrade.accept(request, socket, head);
			const peer: Peer = { ...endOf(socket), listener: this.#options.name };
			this.#parts.gate.belongs(pass, peer);
			this.#parts.events.connection(connection, peer);
		} finally {
			this.#arriving.delete(socket);
		}
	}

	#changed(state: ListenerState): void {
		this.#state = state;
		this.#parts.events.changed(state);
	}
}
