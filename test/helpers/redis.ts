/** A Redis server for one test file, and the packages that the broker needs for it. */

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port";
import { findProgram, type PeerProgram, start } from "./peer-program";

/** As docs/scaling.md names it. */
export const redisPackage = "ioredis@5.11.1";

/** A folder with the package; it is installed where it is not there yet. */
export function redisModules(): string {
	const folder = join(__dirname, "../../.work/redis");
	if (!existsSync(join(folder, "node_modules/ioredis"))) {
		const words = ["install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, redisPackage];
		execFileSync("npm", words, { stdio: "pipe" });
	}
	return folder;
}

export interface RedisServer {
	readonly port: number;
	readonly url: string;
	/** @returns the first line of the answer */
	command(words: string): Promise<string>;
	stop(): Promise<void>;
	/** Again, on the same port, with what it has kept. */
	start(): Promise<void>;
	remove(): Promise<void>;
}

/** @param words for the command line */
export async function startRedis(words: readonly string[] = [], scheme = "redis"): Promise<RedisServer> {
	const program = findProgram("redis-server");
	const folder = mkdtempSync(join(tmpdir(), "flowbroker-redis-"));
	const port = await freePort();
	const listening = words.length > 0 ? words : ["--port", String(port)];
	const all = [...listening.map((word) => (word === "PORT" ? String(port) : word)), "--bind", "127.0.0.1"];
	let server: PeerProgram | undefined;
	const begin = async () => {
		server = start(program, [...all, "--dir", folder, "--appendonly", "yes", "--appendfsync", "always"]);
		await server.line((text) => text.includes("Ready to accept connections"));
	};
	const stop = async () => {
		await server?.kill();
		server = undefined;
	};
	await begin();
	return {
		port,
		url: `${scheme}://localhost:${port}/0`,
		command: (words) => ask(port, words),
		stop,
		start: begin,
		remove: async () => {
			await stop();
			rmSync(folder, { recursive: true, force: true });
		},
	};
}

/** A command as people type it. */
async function ask(port: number, words: string): Promise<string> {
	const socket = connect(port, "127.0.0.1");
	socket.write(`${words}\r\n`);
	let text = "";
	for await (const chunk of socket) {
		text += chunk;
		if (text.includes("\r\n")) break;
	}
	return text.slice(0, text.indexOf("\r\n"));
}
