// What a message costs at full load: processor time of the broker for one delivery, and deliveries a second.
import { cpuSeconds } from "../lib/cpu.mjs";
import { Client, publish } from "../lib/load.mjs";

const payload = Buffer.alloc(64, "x");

/**
 * Every subscriber gets every message of its topic. A case runs for a number of messages that gives the processor clock,
 * which counts hundredths of a second, something to count.
 */
async function run(broker, { pairs, fan, publishers = 1, qos, count, ca }) {
	const subscribers = [];
	const sources = [];
	for (let pair = 0; pair < pairs; pair++) {
		for (let at = 0; at < fan; at++) {
			const subscriber = await Client.open(broker.port, `sub-${pair}-${at}`, { ca });
			await subscriber.subscribe(`bench/${pair}`, qos);
			subscribers.push(subscriber);
		}
		for (let at = 0; at < publishers; at++)
			sources.push({ pair, client: await Client.open(broker.port, `pub-${pair}-${at}`, { ca }) });
	}
	const send = async (messages, base) => {
		const arrived = Promise.all(subscribers.map((one) => one.until(base + messages * publishers)));
		await Promise.all(
			sources.map(({ pair, client }) =>
				publish(client, `bench/${pair}`, payload, qos, messages, qos > 0 ? subscribers[pair] : undefined),
			),
		);
		await arrived;
	};
	const warm = Math.ceil(count / 500) * 50;
	await send(warm, 0);
	const cpu = cpuSeconds(broker.pid);
	const own = process.cpuUsage();
	const start = process.hrtime.bigint();
	await send(count, warm * publishers);
	const seconds = Number(process.hrtime.bigint() - start) / 1e9;
	const deliveries = count * publishers * pairs * fan;
	const load = process.cpuUsage(own);
	for (const one of [...subscribers, ...sources.map(({ client }) => client)]) one.close();
	return {
		"CPU a delivery, us": ((cpuSeconds(broker.pid) - cpu) * 1e6) / deliveries,
		"deliveries a second": deliveries / seconds,
		"load of the generator, %": ((load.user + load.system) / 1e4 / seconds) | 0,
	};
}

const shapes = {
	"QoS 0, 1 to 1": { pairs: 1, fan: 1, qos: 0, count: 300_000 },
	"QoS 0, 1 to 100": { pairs: 1, fan: 100, qos: 0, count: 10_000 },
	"QoS 0, 50 to 1": { pairs: 1, fan: 1, publishers: 50, qos: 0, count: 5_000 },
	"QoS 1, 10 to 10": { pairs: 10, fan: 1, qos: 1, count: 15_000 },
	"QoS 2, 10 to 10": { pairs: 10, fan: 1, qos: 2, count: 6_000 },
};

export const messages = Object.entries(shapes).map(([title, shape]) => ({
	title,
	run: (broker, { scale }) => run(broker, { ...shape, count: Math.ceil((shape.count * scale) / 50) * 50 }),
}));

const plain = { pairs: 1, fan: 1, qos: 0, count: 200_000 };

export const access = {
	title: "QoS 0, 1 to 1, with 1,000 access rules",
	setup: () => ({ rules: 1_000 }),
	// aedes has no rules.
	without: ["aedes"],
	run: (broker, { scale }) => run(broker, { ...plain, count: Math.ceil((plain.count * scale) / 50) * 50 }),
};

export const tls = {
	title: "QoS 0, 1 to 1, over TLS",
	setup: ({ certificate }) => ({ tls: certificate }),
	run: (broker, { scale, certificate }) =>
		run(broker, { ...plain, count: Math.ceil((plain.count * scale) / 50) * 50, ca: certificate.ca }),
};
