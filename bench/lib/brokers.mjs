// The brokers that are compared: each starts as a process of its own on a free port of 127.0.0.1.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const serve = fileURLToPath(new URL("./serve.mjs", import.meta.url));

/** Name -> how it is started. */
const brokers = {
	mosquitto: (port, { rules, tls }) => {
		const folder = mkdtempSync(join(tmpdir(), "bench-"));
		const lines = [
			`listener ${port} 127.0.0.1`,
			"allow_anonymous true",
			"max_queued_messages 0",
			"max_inflight_messages 0",
			"set_tcp_nodelay true",
			// Started as root it would become somebody who can't read these files.
			`user ${userInfo().username}`,
			...(tls ? [`certfile ${tls.cert}`, `keyfile ${tls.key}`] : []),
			...(rules ? [`acl_file ${join(folder, "acl")}`] : []),
		];
		if (rules)
			writeFileSync(join(folder, "acl"), [...others(rules), "topic readwrite bench/#"].join("\n"), { mode: 0o600 });
		const file = join(folder, "mosquitto.conf");
		writeFileSync(file, `${lines.join("\n")}\n`);
		return { command: "mosquitto", args: ["-c", file], clean: () => rmSync(folder, { recursive: true }) };
	},
	flowbroker: (port, setup) => served("flowbroker", port, setup),
	aedes: (port, setup) => served("aedes", port, setup),
};

function served(kind, port, setup) {
	return { command: process.execPath, args: [serve, kind, String(port), JSON.stringify(setup)] };
}

/** Rules for topics that nobody uses. */
function others(count) {
	return Array.from({ length: count - 1 }, (_, at) => `topic read other/${at}/+/x`);
}

/**
 * Resolves when the broker takes connections.
 * @param setup `rules`: so many access rules; `tls`: paths of certificate and key
 */
export async function startBroker(name, setup = {}) {
	const port = await freePort();
	const { command, args, clean } = brokers[name](port, setup);
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

/** A port that is free now. */
export function freePort() {
	return new Promise((resolve) => {
		const server = createServer();
		server.listen(0, "127.0.0.1", () => {
			const { port } = server.address();
			server.close(() => resolve(port));
		});
	});
}
