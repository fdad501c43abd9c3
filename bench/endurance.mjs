// Many idle clients and some active ones for a while: are there errors, and does memory stay flat?
// Usage: node bench/endurance.mjs [idle=5000] [active=500] [seconds=300]      (build first; ulimit -n must allow it)
import { cpus } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import mqtt from "mqtt-packet";
import { startBroker } from "./lib/brokers.mjs";
import { cpuSeconds, rssKb } from "./lib/cpu.mjs";
import { Client } from "./lib/load.mjs";

const [idle = 5_000, active = 500, seconds = 300] = process.argv.slice(2).map(Number);
const broker = await startBroker("flowbroker");
let lost = 0;
const watch = (client) => client.socket.once("close", () => lost++);

const before = rssKb(broker.pid);
const quiet = [];
for (let at = 0; at < idle; at++) {
	const client = await Client.open(broker.port, `idle-${at}`);
	watch(client);
	quiet.push(client);
}
const perClient = (rssKb(broker.pid) - before) / idle;
const busy = [];
for (let at = 0; at < active; at++) {
	const client = await Client.open(broker.port, `active-${at}`);
	await client.subscribe(`endurance/${at}`, 1);
	watch(client);
	busy.push(client);
}

console.log(`${cpus()[0].model}, ${cpus().length} cores, Node ${process.version}`);
console.log(
	`${idle} idle clients: ${perClient.toFixed(1)} kB each; ${active} active ones publish once a second, QoS 1`,
);
let sent = 0;
const packets = busy.map((_, at) =>
	mqtt.generate({
		cmd: "publish",
		topic: `endurance/${(at + 1) % active}`,
		payload: "x".repeat(64),
		qos: 1,
		messageId: 1,
		retain: false,
		dup: false,
	}),
);
const cpu = cpuSeconds(broker.pid);
const end = Date.now() + seconds * 1_000;
let next = Date.now() + 30_000;
while (Date.now() < end) {
	for (const [at, client] of busy.entries()) client.socket.write(packets[at]);
	sent += active;
	await wait(1_000);
	if (Date.now() > next || Date.now() >= end) {
		const received = busy.reduce((sum, one) => sum + one.received, 0);
		console.log(
			`  ${Math.round((end - Date.now()) / 1_000)} s left: ${(rssKb(broker.pid) / 1_024) | 0} MB, ${sent} sent, ${received} received, ${lost} connections lost`,
		);
		next += 30_000;
	}
}
await wait(1_000);
const received = busy.reduce((sum, one) => sum + one.received, 0);
const load = ((cpuSeconds(broker.pid) - cpu) / seconds) * 100;
console.log(
	`end: ${sent} sent, ${received} received, ${lost} connections lost, broker used ${load.toFixed(1)} % of a core`,
);
await broker.stop();
process.exit(lost === 0 && received === sent ? 0 : 1);
