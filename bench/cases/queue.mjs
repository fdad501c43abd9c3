// A queue for a client that is away: what it costs to fill it and to drain it.
import { cpuSeconds } from "../lib/cpu.mjs";
import { Client, publish } from "../lib/load.mjs";

export const queue = {
	title: "queue of a client that is away, QoS 1",
	run: async (broker, { scale }) => {
		const count = Math.ceil((50_000 * scale) / 50) * 50;
		const options = { clean: false };
		const first = await Client.open(broker.port, "sleeper", options);
		await first.subscribe("bench/queue", 1);
		first.close();
		const publisher = await Client.open(broker.port, "publisher");
		await publish(publisher, "bench/queue", Buffer.alloc(64, "x"), 1, 500);
		const before = cpuSeconds(broker.pid);
		await publish(publisher, "bench/queue", Buffer.alloc(64, "x"), 1, count);
		const filled = cpuSeconds(broker.pid);
		const start = process.hrtime.bigint();
		const again = await Client.open(broker.port, "sleeper", options);
		await again.until(count + 500);
		const seconds = Number(process.hrtime.bigint() - start) / 1e9;
		const drained = cpuSeconds(broker.pid);
		for (const one of [publisher, again]) one.close();
		return {
			"fill: CPU a message, us": ((filled - before) * 1e6) / count,
			"drain: CPU a message, us": ((drained - filled) * 1e6) / count,
			"drained a second": count / seconds,
		};
	},
};
