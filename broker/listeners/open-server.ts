/** Opens the port or the socket file of a server. */

import { lstat, rm } from "node:fs/promises";
import { connect, type ListenOptions, type Server } from "node:net";
import type { ListenerOptions } from "./listener-options";

/**
 * Resolves when it is open; a socket file that a crashed program left behind is taken over.
 * @throws the operating system's error
 */
export async function openServer(server: Server, { kind, host, port, path = "" }: ListenerOptions): Promise<void> {
	if (kind !== "unix") return listen(server, { host, port });
	try {
		await listen(server, { path });
	} catch (error) {
		const inUse = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
		if (!inUse || !(await isLeftBehind(path))) throw error;
		await rm(path, { force: true });
		await listen(server, { path });
	}
}

function listen(server: Server, options: ListenOptions): Promise<void> {
	return new Promise((resolve, reject) => {
		const failed = (error: Error) => {
			server.off("listening", opened);
			reject(error);
		};
		const opened = () => {
			server.off("error", failed);
			resolve();
		};
		server.once("error", failed);
		server.once("listening", opened);
		server.listen(options);
	});
}

/** Is it a socket that nobody listens on? */
async function isLeftBehind(path: string): Promise<boolean> {
	const entry = await lstat(path).catch(() => undefined);
	if (!entry?.isSocket()) return false;
	return new Promise((resolve) => {
		const probe = connect(path);
		probe.once("connect", () => {
			probe.destroy();
			resolve(false);
		});
		probe.once("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ECONNREFUSED"));
	});
}
