// Two processes that are one broker on one Redis, under load: clients come and go between them, and one is killed in the
// middle. Is anything lost that was acknowledged, does anything with QoS 2 come twice, how fast is it, what does it take?
// Usage: node bench/redis-load.mjs [pairs=200] [messages=100] [folder with ioredis=.work/redis]      (build first)
// Needs redis-server. Each pair is a publisher and a subscriber with a session; a third of them uses each QoS.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { cpus, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import mqtt from "mqtt";
import { rssKb } from "./lib/cpu.mjs";

const [pairs, messages] = [Number(process.argv[2] ?? 200), Number(process.argv[3] ?? 100)];
const modules = resolve(process.argv[4] ?? ".work/redis");
const dist = join(import.meta.dirname, "../dist/broker/index.js");

const run = (program, args, ready) =>
	new Promise((started, failed) => {
		const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
		let text = "";
		child.stdout.on("data", (chunk) => {
			text += chunk;
			if (ready.test(text)) started(child);
		});
		child.once("error", failed);
		child.once("exit", () => failed(new Error(`${program} has ended: ${text}`)));
	});

const freePort = () =>
	new Promise((found) => {
		const server = createServer().listen(0, "127.0.0.1", () => {
			const { port } = server.address();
			server.close(() => found(port));
		});
	});

const folder = mkdtempSync(join(tmpdir(), "flowbroker-redis-load-"));
const redisPort = await freePort();
const words = `--port ${redisPort} --bind 127.0.0.1 --dir ${folder} --appendonly yes --appendfsync always`;
const redis = await run("redis-server", words.split(" "), /Ready to accept/);
const options = {
	sysInterval: 0,
	limits: { queuedMessages: 100_000 },
	store: { kind: "redis", url: `redis://127.0.0.1:${redisPort}/0`, modules },
};
const script = `
const { createBroker, parseBrokerOptions } = require(${JSON.stringify(dist)});
const broker = createBroker(parseBrokerOptions({ ...${JSON.stringify(options)}, listeners: [{ port: Number(process.argv[1]) }] }));
broker.start().then(() => console.log("ready"));`;
const ports = [await freePort(), await freePort()];
const start = (at) => run(process.execPath, ["-e", script, String(ports[at])], /ready/);
const brokers = [await start(0), await start(1)];

/** MQTT.js goes to the next address whenever it has lost a connection, and sends again what was not acknowledged. */
/** A client keeps its half of the session also when it goes: else it does not know a QoS 2 message that is half done. */
const halves = new Map();
function halfOf(clientId) {
	const half = halves.get(clientId) ?? {
		incomingStore: new mqtt.Store({ clean: false }),
		outgoingStore: new mqtt.Store({ clean: false }),
	};
	halves.set(clientId, half);
	return half;
}

async function open(clientId, at, sessionExpiryInterval, heard = () => {}) {
	const client = mqtt.connect({
		servers: [0, 1].map((next) => ({ host: "127.0.0.1", port: ports[(at + next) % 2], protocol: "mqtt" })),
		protocolVersion: 5,
		clientId,
		clean: false,
		...halfOf(clientId),
		properties: { sessionExpiryInterval },
		reconnectPeriod: 100,
		reconnectOnConnackError: true,
		connectTimeout: 5_000,
	});
	// What the network says at the kill is no news; what a broker says is.
	client.on("error", ({ code, message }) => {
		if (typeof code === "number") console.log(`${clientId} was refused: ${message}`);
	});
	client.on("message", heard);
	if (!client.connected) await new Promise((connected) => client.once("connect", connected));
	return client;
}

const got = Array.from({ length: pairs }, () => new Map());
const acknowledged = Array.from({ length: pairs }, () => new Set());
let received = 0;
const subscribers = [];
async function subscriber(at, place) {
	// From the first moment on: the queue comes right behind the login.
	return open(`sub-${at}`, place, 3_600, (_topic, payload) => {
		const key = payload.toString("latin1", 0, 10);
		got[at].set(key, (got[at].get(key) ?? 0) + 1);
		received++;
	});
}
const publishers = [];
for (let at = 0; at < pairs; at++) {
	subscribers.push(await subscriber(at, at % 2));
	await subscribers[at].subscribeAsync(`load/${at}`, { qos: at % 3 });
	// On the other process.
	publishers.push(await open(`pub-${at}`, (at + 1) % 2, 3_600));
}
console.log(`${cpus()[0].model}, ${cpus().length} cores, Node ${process.version}`);
console.log(`${pairs} publishers and ${pairs} subscribers, ${messages} messages of 64 bytes each, QoS 0, 1 and 2`);

const begin = Date.now();
const seconds = () => ((Date.now() - begin) / 1_000).toFixed(0).padStart(4);
const report = () => {
	const memory = brokers.map(({ pid, exitCode, signalCode }) =>
		(exitCode ?? signalCode) !== null ? "-" : `${(rssKb(pid) / 1_024) | 0} MB`,
	);
	const sent = acknowledged.reduce((sum, one) => sum + one.size, 0);
	console.log(`${seconds()} s: ${sent} acknowledged, ${received} received, brokers ${memory.join(" and ")}`);
};
const reports = setInterval(report, 5_000);
let publishing = true;
const all = Promise.all(
	publishers.map(async (client, at) => {
		// Five under way at a time.
		let next = 0;
		const one = async () => {
			while (next < messages) {
				const key = String(next++).padEnd(10);
				await client.publishAsync(`load/${at}`, key.padEnd(64), { qos: at % 3 });
				acknowledged[at].add(key);
			}
		};
		await Promise.all(Array.from({ length: 5 }, one));
	}),
).then(() => {
	publishing = false;
});
let moves = 0;
const travelling = (async () => {
	for (let at = 0; publishing; at = (at + 7) % pairs) {
		await wait(50);
		await subscribers[at].endAsync();
		subscribers[at] = await subscriber(at, moves++ % 2);
	}
})();
await wait(3_000);
brokers[0].kill("SIGKILL");
console.log(`${seconds()} s: one process was killed`);
await wait(15_000);
brokers[0] = await start(0);
console.log(`${seconds()} s: it was started again`);
await Promise.all([all, travelling]);
const elapsed = (Date.now() - begin) / 1_000;
const missing = (qos) =>
	got.reduce(
		(sum, seen, at) => (at % 3 === qos ? sum + [...acknowledged[at]].filter((key) => !seen.has(key)).length : sum),
		0,
	);
for (let last = -1; last !== received && missing(1) + missing(2) > 0; ) {
	last = received;
	await wait(3_000);
}
const doubled = (qos) =>
	got.reduce((sum, seen, at) => (at % 3 === qos ? sum + [...seen.values()].filter((n) => n > 1).length : sum), 0);
clearInterval(reports);
report();
console.log(
	`${moves} times a subscriber moved; ${(received / elapsed).toFixed(0)} messages a second, with the kill in it`,
);
for (const qos of [0, 1, 2]) console.log(`QoS ${qos}: ${missing(qos)} lost, ${doubled(qos)} came more than once`);
for (const client of [...publishers, ...subscribers]) client.end(true);
for (const child of [...brokers, redis]) child.kill("SIGKILL");
rmSync(folder, { recursive: true, force: true });
process.exit(missing(1) + missing(2) + doubled(2) === 0 ? 0 : 1);
