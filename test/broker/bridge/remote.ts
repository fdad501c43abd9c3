/** Another broker that does what a test tells it, byte by byte where it has to. */

import { createServer, type Socket } from "node:net";
import { generate, type IConnackPacket, type Packet, parser } from "mqtt-packet";
import { LookOut } from "../../helpers/look-out";

export interface Remote extends AsyncDisposable {
	readonly port: number;
	/** What came, over all connections; PINGREQ is answered and not among them. */
	readonly inbox: readonly Packet[];
	/** Connections until now. */
	readonly connections: number;
	/** Of the last connection. */
	readonly socket: Socket;
	/** Resolves when so many packets of the kind have come. */
	count(cmd: Packet["cmd"], count: number): Promise<Packet[]>;
	send(...packets: Packet[]): void;
}

/**
 * Answers CONNECT and SUBSCRIBE, and nothing else.
 * @param connack fields of its own; `close`: it closes each connection at once
 */
export async function startRemote(
	connack: Partial<IConnackPacket> | "close" = {},
	protocolVersion: 4 | 5 = 5,
): Promise<Remote> {
	const inbox: Packet[] = [];
	const counts = new Map<string | undefined, number>();
	const lookOut = new LookOut();
	const sockets = new Set<Socket>();
	let last: Socket | undefined;
	let connections = 0;
	const send = (socket: Socket, packet: Packet) => socket.write(generate(packet, { protocolVersion }));
	const server = createServer((socket) => {
		connections++;
		last = socket;
		sockets.add(socket);
		lookOut.changed();
		socket.on("error", () => {});
		socket.on("close", () => sockets.delete(socket));
		if (connack === "close") {
			socket.destroy();
			return;
		}
		const reader = parser();
		reader.on("packet", (packet: Packet) => {
			if (packet.cmd === "pingreq") {
				send(socket, { cmd: "pingresp" });
				return;
			}
			inbox.push(packet);
			counts.set(packet.cmd, (counts.get(packet.cmd) ?? 0) + 1);
			if (packet.cmd === "connect")
				send(socket, { cmd: "connack", reasonCode: 0, returnCode: 0, sessionPresent: false, ...connack });
			if (packet.cmd === "subscribe") {
				const granted = packet.subscriptions.map(({ qos }) => qos);
				send(socket, { cmd: "suback", messageId: packet.messageId ?? 0, granted });
			}
			lookOut.changed();
		});
		reader.on("error", () => socket.destroy());
		socket.on("data", (chunk) => reader.parse(chunk));
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const theSocket = () => {
		if (!last) throw new Error("nobody has connected");
		return last;
	};
	return {
		port: (server.address() as { port: number }).port,
		inbox,
		get connections() {
			return connections;
		},
		get socket() {
			return theSocket();
		},
		count: (cmd, count) =>
			lookOut.until(() => ((counts.get(cmd) ?? 0) >= count ? inbox.filter((packet) => packet.cmd === cmd) : undefined)),
		send: (...packets) => {
			for (const packet of packets) send(theSocket(), packet);
		},
		[Symbol.asyncDispose]: async () => {
			for (const socket of sockets) socket.destroy();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
