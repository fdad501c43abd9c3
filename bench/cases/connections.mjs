// Many clients: what a connect costs, and what memory one takes that is connected and silent.
import { setTimeout as wait } from "node:timers/promises";
import { cpuSeconds, rssKb } from "../lib/cpu.mjs";
import { Client } from "../lib/load.mjs";

const AT_ONCE = 50;

export const connections = {
	title: "connects, and idle clients",
	run: async (broker, { scale }) => {
		const count = Math.ceil((5_000 * scale) / AT_ONCE) * AT_ONCE;
		const open = async (name, many) => {
			const made = [];
			for (let at = 0; at < many; at += AT_ONCE) {
				const batch = Array.from({ length: AT_ONCE }, (_, one) => Client.open(broker.port, `${name}-${at + one}`));
				made.push(...(await Promise.all(batch)));
			}
			return made;
		};
		// The first ones make the code warm and the memory grow as they would for any.
		const early = await open("early", Math.ceil(500 * scale));
		await wait(500);
		const memory = rssKb(broker.pid);
		const cpu = cpuSeconds(broker.pid);
		const clients = await open("idle", count);
		const spent = cpuSeconds(broker.pid) - cpu;
		await wait(1_500);
		const grown = rssKb(broker.pid) - memory;
		for (const one of [...early, ...clients]) one.close();
		return { "CPU a connect, us": (spent * 1e6) / count, "memory of an idle client, kB": grown / count };
	},
};
