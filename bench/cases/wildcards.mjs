// 20,000 subscriptions with wildcards, of which one selects each message.
import { cpuSeconds } from "../lib/cpu.mjs";
import { Client, publish } from "../lib/load.mjs";

const CLIENTS = 40;
const EACH = 500;

export const wildcards = {
	title: "20,000 subscriptions with wildcards, QoS 0",
	run: async (broker, { scale }) => {
		const count = Math.ceil((100_000 * scale) / 2_000) * 2_000;
		const subscribers = [];
		for (let at = 0; at < CLIENTS; at++) {
			const client = await Client.open(broker.port, `wild-${at}`);
			await client.subscribe(
				Array.from({ length: EACH }, (_, one) => `bench/${at}/+/${one}/#`),
				0,
			);
			subscribers.push(client);
		}
		const publisher = await Client.open(broker.port, "publisher");
		const cpu = cpuSeconds(broker.pid);
		const start = process.hrtime.bigint();
		const arrived = Promise.all(subscribers.map((one) => one.until(count / CLIENTS)));
		for (let at = 0; at < CLIENTS; at++)
			await publish(publisher, `bench/${at}/x/${at * 7}/y`, Buffer.alloc(64, "x"), 0, count / CLIENTS);
		await arrived;
		const seconds = Number(process.hrtime.bigint() - start) / 1e9;
		for (const one of [...subscribers, publisher]) one.close();
		return {
			"CPU a delivery, us": ((cpuSeconds(broker.pid) - cpu) * 1e6) / count,
			"deliveries a second": count / seconds,
		};
	},
};
