/** A broker in a process of its own, for bench/kill-harness.mjs: `node kill-broker.mjs PORT FOLDER DURABILITY`. */

import { createRequire } from "node:module";

const { createBroker, parseBrokerOptions } = createRequire(import.meta.url)("../../dist/broker/index.js");
const [port, folder, durability] = process.argv.slice(2);
const broker = createBroker(
	parseBrokerOptions({
		listeners: [{ port: Number(port) }],
		store: { kind: "disk", folder, durability },
		limits: { queuedMessages: 1_000_000, queuedBytes: 1_000_000_000, connectRate: 10_000 },
		sysInterval: 0,
	}),
);
broker.events.on("storeProblem", (problem) => console.error(problem.kind, problem.error?.message ?? ""));
broker.events.on("fault", (error) => console.error("fault", error));
await broker.start();
const [listener] = broker.listeners;
if (!listener.up) throw listener.error;
process.stdout.write(`listening ${listener.port}\n`);
