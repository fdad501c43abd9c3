// The brokers that are compared: each starts as a process of its own on a free port of 127.0.0.1.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const serve = fileURLToPath(new URL("./serve.mjs", import.meta.url));

/** Name -> how it is started. */
export const brokers = {
	mosquitto: (port) => {
		const folder = mkdtempSync(join(tmpdir(), "bench-"));
		const file = join(folder, "mosquitto.conf");
		writeFileSync(
			file,
			`listener ${port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 0\nset_tcp_nodelay true\n`,
		);
		return { command: "mosquitto", args: ["-c", file], clean: () => rmSync(folder, { recursive: true }) };
	},
	flowbroker: (port) => ({ command: process.execPath, args: [serve, "flowbroker", String(port)] }),
	aedes: (port) => ({ command: process.execPath, args: [serve, "aedes", String(port)] }),
};

/** Resolves when the broker takes connections. */
export async function startBroker(name) {
	const port = await freePort();
	const { command, args, clean } = brokers[name](port);
	const child = spawn(command, args, {
		stdio: "ignore",
		env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
	});
	await new Promise((resolve, reject) => {
		child.once("error", reject);
		child.once("exit", (code) => reject(new Error(`${name} ended with ${code}`)));
		const attempt = () => {
			const socket = connect(port, "127.0.0.1");
			socket.once("connect", () => {
				socket.destroy();
				resolve();
			});
			socket.once("error", () => setTimeout(attempt, 50));
		};
		attempt();
	});
	return {
		port,
		pid: child.pid,
		stop: () =>
			new Promise((resolve) => {
				child.once("exit", () => {
					clean?.();
					resolve();
				});
				child.kill();
			}),
	};
}

function freePort() {
	return new Promise((resolve) => {
		const server = createServer();
		server.listen(0, "127.0.0.1", () => {
			const { port } = server.address();
			server.close(() => resolve(port));
		});
	});
}
