/** Stands between a bridge and the other broker: its connections can be cut at any byte. */

import { connect, createServer, type Socket } from "node:net";

export interface Proxy extends AsyncDisposable {
	readonly port: number;
	/** Connections so far. */
	readonly connections: number;
	/** Cuts what is connected now. */
	cut(): void;
	/** Cuts each connection when it has carried so many bytes, by its number; undefined: none. */
	limit: ((connection: number) => number) | undefined;
}

export async function startProxy(port: number): Promise<Proxy> {
	const sockets = new Set<Socket>();
	const state = { connections: 0, limit: undefined as Proxy["limit"] };
	const server = createServer((socket) => {
		const number = ++state.connections;
		let carried = 0;
		const onward = connect(port, "127.0.0.1");
		const end = () => {
			socket.destroy();
			onward.destroy();
		};
		for (const [from, to] of [
			[socket, onward],
			[onward, socket],
		] as const) {
			sockets.add(from);
			from.on("error", end);
			from.on("close", () => {
				sockets.delete(from);
				end();
			});
			from.on("data", (chunk: Buffer) => {
				carried += chunk.length;
				const over = carried - (state.limit?.(number) ?? Number.POSITIVE_INFINITY);
				if (over <= 0) to.write(chunk);
				// The part within the limit still arrives.
				else to.write(chunk.subarray(0, Math.max(0, chunk.length - over)), end);
			});
		}
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const cut = () => {
		for (const socket of sockets) socket.destroy();
	};
	return {
		port: (server.address() as { port: number }).port,
		get connections() {
			return state.connections;
		},
		get limit() {
			return state.limit;
		},
		set limit(limit) {
			state.limit = limit;
		},
		cut,
		[Symbol.asyncDispose]: async () => {
			cut();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
