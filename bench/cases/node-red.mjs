// A message through Node-RED and back: device -> broker -> in -> function -> out -> broker -> device, with QoS 0.
// Three ways to build it, in the same Node-RED: our broker and nodes in process; Mosquitto with Node-RED's own nodes; the
// broker of node-red-contrib-aedes with Node-RED's own nodes (where that package is in .work/contrib).
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { freePort, startBroker } from "../lib/brokers.mjs";
import { cpuSeconds } from "../lib/cpu.mjs";
import { Client, publish } from "../lib/load.mjs";
import { percentile } from "../lib/statistics.mjs";

const root = resolve(import.meta.dirname, "../..");
const contrib = join(root, ".work/contrib/node_modules/node-red-contrib-aedes");

const tab = { id: "tab", type: "tab", label: "bench" };
const middle = {
	id: "f",
	z: "tab",
	type: "function",
	func: 'msg.topic = "bench/out"; return msg;',
	outputs: 1,
	wires: [["o"]],
};

const ours = (port) => [
	tab,
	middle,
	{
		id: "b",
		type: "flowbroker-broker",
		kind: "embedded",
		host: "127.0.0.1",
		port: String(port),
		anonymous: "auto",
		access: "users",
	},
	{
		id: "i",
		z: "tab",
		type: "flowbroker-in",
		broker: "b",
		topic: "bench/in",
		qos: "0",
		datatype: "buffer",
		wires: [["f"]],
	},
	{ id: "o", z: "tab", type: "flowbroker-out", broker: "b", topic: "", qos: "0", retain: "false", wires: [] },
];
const core = (port, more = []) => [
	tab,
	middle,
	...more,
	{ id: "b", type: "mqtt-broker", broker: "127.0.0.1", port: String(port), protocolVersion: "4", keepalive: "60" },
	{
		id: "i",
		z: "tab",
		type: "mqtt in",
		broker: "b",
		topic: "bench/in",
		qos: "0",
		datatype: "buffer",
		inputs: 0,
		wires: [["f"]],
	},
	{ id: "o", z: "tab", type: "mqtt out", broker: "b", topic: "", qos: "0", retain: "false", wires: [] },
];

export const ways = {
	"flowbroker in process": async (port) => startNodeRed(ours(port), { "@flowbroker/node-red": root }),
	"Mosquitto, core nodes": async (_port, mosquitto) => startNodeRed(core(mosquitto.port), {}),
	"contrib-aedes, core nodes": async (port) =>
		startNodeRed(
			core(port, [{ id: "a", z: "tab", type: "aedes broker", mqtt_port: port, mqtt_ws_bind: "port", wires: [[], []] }]),
			{
				"node-red-contrib-aedes": contrib,
			},
		),
};

/** @returns figures, or undefined where the package is not there */
export async function throughNodeRed(way, scale) {
	if (way.startsWith("contrib") && !existsSync(contrib)) return undefined;
	const mosquitto = way.startsWith("Mosquitto") ? await startBroker("mosquitto") : undefined;
	const port = mosquitto?.port ?? (await freePort());
	const nodeRed = await ways[way](port, mosquitto);
	try {
		return await measure(port, [nodeRed.pid, ...(mosquitto ? [mosquitto.pid] : [])], scale);
	} finally {
		await nodeRed.stop();
		await mosquitto?.stop();
	}
}

async function measure(port, pids, scale) {
	const device = await connected(port);
	await device.subscribe("bench/out", 0);
	const payload = Buffer.alloc(64, "x");
	await answered(device, payload);
	const exchange = async (count) => {
		const window = 100;
		const base = device.received;
		let sent = 0;
		await new Promise((resolve) => {
			const more = () => {
				const done = device.received - base;
				const room = Math.min(count - sent, window - (sent - done));
				if (room > 0) {
					sent += room;
					void publish(device, "bench/in", payload, 0, room);
				}
				if (done >= count) resolve();
			};
			device.onProgress = more;
			more();
		});
		device.onProgress = undefined;
	};
	await exchange(2_000);
	const total = () => pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
	const count = Math.ceil(30_000 * scale);
	const cpu = total();
	const begun = performance.now();
	await exchange(count);
	const seconds = (performance.now() - begun) / 1e3;
	const spent = total() - cpu;
	const times = [];
	for (let at = 0; at < 400 * scale + 20; at++) {
		const start = performance.now();
		const arrived = new Promise((resolve) => {
			device.onMessage = resolve;
		});
		await publish(device, "bench/in", payload, 0, 1);
		await arrived;
		times.push(performance.now() - start);
		await wait(5);
	}
	device.close();
	return {
		"messages a second": count / seconds,
		"CPU a message, all processes, us": (spent * 1e6) / count,
		"round trip p50, ms": percentile(times.slice(20), 0.5),
		"round trip p99, ms": percentile(times.slice(20), 0.99),
	};
}

async function connected(port) {
	for (;;) {
		try {
			return await Client.open(port, "device");
		} catch {
			await wait(100);
		}
	}
}

/** The flow is there when the first message comes back. */
async function answered(device, payload) {
	while (device.received === 0) {
		await publish(device, "bench/in", payload, 0, 1);
		await wait(100);
	}
	await wait(300);
}

/** @param packages name -> folder */
async function startNodeRed(flows, packages) {
	const userDir = mkdtempSync(join(tmpdir(), "bench-node-red-"));
	for (const [name, folder] of Object.entries(packages)) {
		const link = join(userDir, "node_modules", name);
		mkdirSync(dirname(link), { recursive: true });
		symlinkSync(folder, link);
	}
	const dependencies = Object.fromEntries(Object.keys(packages).map((name) => [name, "*"]));
	writeFileSync(join(userDir, "package.json"), JSON.stringify({ name: "bench", private: true, dependencies }));
	writeFileSync(join(userDir, "flows.json"), JSON.stringify(flows));
	const settings = {
		uiHost: "127.0.0.1",
		uiPort: await freePort(),
		flowFile: "flows.json",
		credentialSecret: false,
		telemetry: { enabled: false },
	};
	writeFileSync(join(userDir, "settings.js"), `module.exports = ${JSON.stringify(settings)};`);
	const child = spawn(process.execPath, [join(root, "node_modules/node-red/red.js"), "-u", userDir], {
		stdio: "ignore",
	});
	return {
		pid: child.pid,
		stop: () =>
			new Promise((resolve) => {
				child.once("exit", () => {
					rmSync(userDir, { recursive: true, force: true });
					resolve();
				});
				child.kill("SIGKILL");
			}),
	};
}
