/** What happens to a connection between accept and MQTT: its real address, TLS, WebSocket, in this order. */

import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Peer } from "../engine/engine";
import type { GateRefusal } from "./gate";
import type { ListenerOptions } from "./listener-options";
import { plainAddress } from "./plain-address";
import type { ProxyProtocol } from "./proxy-protocol";
import type { TlsLayer } from "./tls-layer";
import type { WebSocketLayer } from "./web-socket-layer";

/** What the kind of a listener has. */
export interface Layers {
	readonly proxy: ProxyProtocol | undefined;
	readonly tls: TlsLayer | undefined;
	readonly webSocket: WebSocketLayer | undefined;
}

/** A connection on which MQTT may begin. */
export interface Arrived {
	readonly connection: Duplex;
	readonly peer: Peer;
}

/** Too many connections come from one address. */
export class AddressRefused extends Error {
	constructor(readonly refusal: GateRefusal) {
		super(refusal.reason);
	}
}

/**
 * @param come is told the real address before anything costly is done for it, and says whether it may stay
 * @throws HandshakeProblem or {@link AddressRefused}
 */
export async function arrive(
	socket: Socket,
	listener: ListenerOptions,
	layers: Layers,
	come: (address: string) => GateRefusal | undefined,
): Promise<Arrived> {
	const ends = endOf(socket);
	const source = (await layers.proxy?.read(socket, ends.address)) ?? ends;
	const refusal = come(source.address);
	if (refusal) throw new AddressRefused(refusal);
	const secured = await layers.tls?.secure(socket);
	const connection = secured?.socket ?? socket;
	const certificateUser = secured?.certificateUser;
	const peer: Peer = {
		address: plainAddress(source.address),
		port: source.port,
		listener: listener.name,
		...(listener.protocolVersions && { protocolVersions: listener.protocolVersions }),
		...(certificateUser !== undefined && { certificateUser }),
	};
	return { connection: layers.webSocket ? await layers.webSocket.open(connection) : connection, peer };
}

/** The other end. A socket file has none: what uses it runs on this machine. */
export function endOf(socket: Socket): { address: string; port: number } {
	return { address: plainAddress(socket.remoteAddress ?? "127.0.0.1"), port: socket.remotePort ?? 0 };
}
