/** The brokers that bench/kill-harness.mjs kills: each is started as a process, again and again on the same folder. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Command lines by the name of the broker. */
const commands = {
	/** `flowbroker run` with a flow: what people start. */
	runtime: async ({ port, folder }) => {
		const flow = join(folder, "flow.json");
		const place = { z: "tab", x: 100, y: 100, wires: [[]] };
		await writeFile(
			flow,
			JSON.stringify([
				{ id: "tab", type: "tab", label: "Kill" },
				{ id: "broker", type: "flowbroker-broker", name: "", host: "127.0.0.1", port },
				{ ...place, id: "in", type: "flowbroker-in", broker: "broker", topic: "unused", qos: "0", datatype: "auto" },
			]),
		);
		return [process.execPath, path("../../dist/runtime/cli.js"), "run", flow, "--data", join(folder, "data")];
	},
	/** The broker alone, with queues almost without bound. */
	flowbroker: async ({ port, folder, durability }) => [
		process.execPath,
		path("kill-broker.mjs"),
		String(port),
		join(folder, "store"),
		durability,
	],
	/** A broker with a bridge: `direction` as seen from it, and `otherPort` that of the other broker. */
	bridge: async ({ port, folder, durability, direction, otherPort }) => [
		process.execPath,
		path("kill-bridge.mjs"),
		String(port),
		join(folder, "store"),
		durability,
		direction,
		String(otherPort),
	],
	mosquitto: async ({ port, folder }) => {
		const file = join(folder, "mosquitto.conf");
		// The queue without bound, as that of the others; everything else as it comes.
		await writeFile(
			file,
			`listener ${port} 127.0.0.1\nallow_anonymous true\npersistence true\npersistence_location ${folder}/\nmax_queued_messages 0\nuser root\n`,
		);
		return ["/usr/sbin/mosquitto", "-c", file];
	},
};

export class Victim {
	#child;
	#output = "";

	/** @param options `broker` is a name from the table above, `folder` where it keeps what it keeps */
	constructor(options) {
		this.options = options;
	}

	/** Resolves when it takes connections. */
	async start() {
		const [program, ...args] = await commands[this.options.broker](this.options);
		const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
		this.#child = child;
		this.#output = "";
		for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (this.#output += data));
		while (!(await this.#answers())) {
			if (child.exitCode !== null) throw new Error(`the broker ended by itself:\n${this.#output}`);
			await pause(10);
		}
	}

	async kill() {
		const child = this.#child;
		if (!child || child.exitCode !== null || child.signalCode !== null) return;
		const ended = once(child, "exit");
		child.kill("SIGKILL");
		await ended;
	}

	#answers() {
		return new Promise((resolve) => {
			const socket = connect(this.options.port, "127.0.0.1");
			socket.on("error", () => resolve(false));
			socket.once("connect", () => {
				socket.destroy();
				resolve(true);
			});
		});
	}
}

/**
 * A port below those that the system gives to outgoing connections. With one of those, a client that tries to connect
 * while the broker is down may be given the very port as its own: it is then connected with itself, and the port is taken.
 */
export async function lowPort() {
	for (let port = 20_000 + Math.floor(Math.random() * 10_000); ; port++) if (await isFree(port)) return port;
}

function isFree(port) {
	return new Promise((resolve) => {
		const server = createServer();
		server.once("error", () => resolve(false));
		server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
	});
}
