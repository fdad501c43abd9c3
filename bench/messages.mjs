// What a message costs: processor time of the broker a delivery, and deliveries a second, ours beside others in turn.
// Usage: node bench/messages.mjs [rounds=3] [broker...]      (build first)
import { cpus } from "node:os";
import { startBroker } from "./lib/brokers.mjs";
import { cpuSeconds } from "./lib/cpu.mjs";
import { Client, publish } from "./lib/load.mjs";

const [rounds = "3", ...names] = process.argv.slice(2);
const contestants = names.length > 0 ? names : ["mosquitto", "flowbroker", "aedes"];
const payload = Buffer.alloc(64, "x");

/** Name -> publishers, subscribers, QoS, messages of each publisher. Every subscriber gets every message of its topic. */
const cases = {
	"QoS 0, 1 to 1": { pairs: 1, fan: 1, qos: 0, count: 200_000 },
	"QoS 0, 1 to 100": { pairs: 1, fan: 100, qos: 0, count: 5_000 },
	"QoS 0, 50 to 1": { pairs: 1, fan: 1, publishers: 50, qos: 0, count: 4_000 },
	"QoS 1, 10 to 10": { pairs: 10, fan: 1, qos: 1, count: 5_000 },
	"QoS 2, 10 to 10": { pairs: 10, fan: 1, qos: 2, count: 2_000 },
};

async function measure(name, { pairs, fan, publishers = 1, qos, count }) {
	const broker = await startBroker(name);
	const subscribers = [];
	const sources = [];
	for (let pair = 0; pair < pairs; pair++) {
		for (let at = 0; at < fan; at++) {
			const subscriber = await Client.open(broker.port, `sub-${pair}-${at}`);
			await subscriber.subscribe(`bench/${pair}`, qos);
			subscribers.push(subscriber);
		}
		for (let at = 0; at < publishers; at++)
			sources.push({ pair, client: await Client.open(broker.port, `pub-${pair}-${at}`) });
	}
	const run = async (messages, base) => {
		const arrived = Promise.all(subscribers.map((one) => one.until(base + messages * publishers)));
		await Promise.all(
			sources.map(({ pair, client }) => {
				const only = qos > 0 ? subscribers[pair] : undefined;
				return publish(client, `bench/${pair}`, payload, qos, messages, only);
			}),
		);
		await arrived;
	};
	const warm = Math.ceil(count / 500) * 50;
	await run(warm, 0);
	const cpu = cpuSeconds(broker.pid);
	const own = process.cpuUsage();
	const start = process.hrtime.bigint();
	await run(count, warm * publishers);
	const seconds = Number(process.hrtime.bigint() - start) / 1e9;
	const deliveries = count * publishers * pairs * fan;
	const load = process.cpuUsage(own);
	const result = {
		cpu: ((cpuSeconds(broker.pid) - cpu) * 1e6) / deliveries,
		rate: deliveries / seconds,
		load: (load.user + load.system) / 1e6 / seconds,
	};
	for (const one of [...subscribers, ...sources.map(({ client }) => client)]) one.close();
	await broker.stop();
	return result;
}

const median = (numbers) => numbers.toSorted((x, y) => x - y)[Math.floor(numbers.length / 2)];

console.log(
	`${cpus()[0].model}, ${cpus().length} cores, Node ${process.version}; median of ${rounds} interleaved runs`,
);
for (const [title, parameters] of Object.entries(cases)) {
	const results = Object.fromEntries(contestants.map((name) => [name, []]));
	for (let round = 0; round < Number(rounds); round++) {
		for (const name of contestants) results[name].push(await measure(name, parameters));
	}
	console.log(`\n${title}`);
	const first = contestants[0];
	const base = {
		cpu: median(results[first].map(({ cpu }) => cpu)),
		rate: median(results[first].map(({ rate }) => rate)),
	};
	for (const name of contestants) {
		const cpu = median(results[name].map((one) => one.cpu));
		const rate = median(results[name].map((one) => one.rate));
		const load = median(results[name].map((one) => one.load));
		console.log(
			`  ${name.padEnd(12)} ${cpu.toFixed(2).padStart(7)} us CPU (${(cpu / base.cpu).toFixed(2)} x)  ` +
				`${Math.round(rate).toString().padStart(8)} deliveries/s (${(rate / base.rate).toFixed(2)} x)  generator ${(load * 100).toFixed(0)} % of a core`,
		);
	}
}
process.exit(0);
