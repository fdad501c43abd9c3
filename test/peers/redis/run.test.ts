/** Two `flowbroker run` with a Redis that wants a password, as docs/scaling.md describes it. */

import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { connect } from "../../helpers/mqtt-client";
import { findProgram, type PeerProgram, run, start } from "../../helpers/peer-program";
import { redisModules, startRedis } from "../../helpers/redis";

const flow = [
	// biome-ignore lint/suspicious/noTemplateCurlyInString: Node-RED fills it in
	{ id: "b1", type: "flowbroker-broker", name: "house", host: "127.0.0.1", port: "0", redisUrl: "${REDIS_URL}" },
];

test("a session goes on at the other process when its own is killed, and the password is only in the environment", async () => {
	const modules = redisModules();
	const redis = await startRedis();
	await redis.command("CONFIG SET requirepass secret");
	const folder = mkdtempSync(join(tmpdir(), "flowbroker-redis-run-"));
	const file = join(folder, "flow.json");
	writeFileSync(file, JSON.stringify(flow));
	const url = `REDIS_URL=redis://:secret@127.0.0.1:${redis.port}/0`;
	const one = async (name: string): Promise<{ program: PeerProgram; port: string }> => {
		const data = join(folder, name);
		cpSync(join(modules, "package.json"), join(data, "package.json"));
		symlinkSync(join(modules, "node_modules"), join(data, "node_modules"));
		const cli = join(__dirname, "../../../dist/runtime/cli.js");
		const program = start("env", [url, process.execPath, cli, "run", file, "--data", data]);
		const line = await program.line((text) => text.includes("is running"));
		return { program, port: /127\.0\.0\.1:(\d+)/.exec(line)?.[1] as string };
	};
	const client = (name: string) => findProgram(`mosquitto_${name}`);
	const publish = ({ port }: { port: string }, text: string) =>
		run(client("pub"), ["-p", port, "-q", "1", "-t", "home/a", "-m", text]);
	const reader = ({ port }: { port: string }) =>
		start(client("sub"), ["-p", port, "-i", "reader", "-c", "-q", "1", "-t", "home/#"]);
	const [first, second] = [await one("one"), await one("two")];
	try {
		const atFirst = await connect(`mqtt://127.0.0.1:${first.port}`, { clientId: "reader", clean: false });
		await atFirst.mqtt.subscribeAsync("home/#", { qos: 1 });
		await publish(second, "to the other");
		expect((await atFirst.next()).text).toBe("to the other");
		await first.program.kill("SIGKILL");
		await publish(second, "while it is dead");
		const atSecond = reader(second);
		// The one before may come once more: who knows whether its PUBACK was read.
		await atSecond.line((text) => text === "while it is dead");
		await atSecond.kill();
	} finally {
		await first.program.kill("SIGKILL");
		const { stdout, stderr } = await second.program.kill();
		expect(stdout + stderr).not.toContain("secret");
		await redis.remove();
		rmSync(folder, { recursive: true, force: true });
	}
}, 90_000);
