// A broker in a process of its own: `serve.mjs flowbroker|aedes PORT`.

import { createRequire } from "node:module";
import { createServer } from "node:net";

const [, , kind, port] = process.argv;

if (kind === "aedes") {
	const { Aedes } = await import("aedes");
	const aedes = await Aedes.createBroker({ queueLimit: 100_000 });
	createServer(aedes.handle).listen(Number(port), "127.0.0.1");
} else {
	const { createBroker, parseBrokerOptions } = createRequire(import.meta.url)("../../dist/broker/index.js");
	const limits = {
		connections: 20_000,
		queuedMessages: 1_000_000,
		queuedBytes: 1_000_000_000,
		clientBuffer: 100_000_000,
		// As for Mosquitto: any number.
		inflight: 65_535,
	};
	const broker = createBroker(
		parseBrokerOptions({ listeners: [{ host: "127.0.0.1", port: Number(port) }], limits, sysInterval: 0 }),
	);
	await broker.start();
}
process.on("SIGTERM", () => process.exit(0));
