// How long a message takes at low load: 200 a second with QoS 0, from publisher to subscriber.
import { setTimeout as wait } from "node:timers/promises";
import { Client, publish } from "../lib/load.mjs";
import { percentile } from "../lib/statistics.mjs";

export const latency = {
	title: "round trip at 200 messages a second, QoS 0",
	run: async (broker, { scale }) => {
		const subscriber = await Client.open(broker.port, "subscriber");
		await subscriber.subscribe("bench/slow", 0);
		const publisher = await Client.open(broker.port, "publisher");
		const times = [];
		for (let at = 0; at < 1_200 * scale + 50; at++) {
			const begun = performance.now();
			const arrived = new Promise((resolve) => {
				subscriber.onMessage = resolve;
			});
			await publish(publisher, "bench/slow", Buffer.alloc(64, "x"), 0, 1);
			await arrived;
			times.push(performance.now() - begun);
			await wait(5);
		}
		for (const one of [subscriber, publisher]) one.close();
		const warm = times.slice(50);
		return { "p50, ms": percentile(warm, 0.5), "p99, ms": percentile(warm, 0.99) };
	},
};
