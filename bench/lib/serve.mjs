// A broker in a process of its own: `serve.mjs flowbroker|aedes PORT [SETUP as JSON]`.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";

const [, , kind, port, setup = "{}"] = process.argv;
const { rules, tls } = JSON.parse(setup);

if (kind === "aedes") {
	const { Aedes } = await import("aedes");
	const aedes = await Aedes.createBroker({ queueLimit: 100_000 });
	const server = tls
		? createTlsServer({ cert: readFileSync(tls.cert), key: readFileSync(tls.key) }, aedes.handle)
		: createServer(aedes.handle);
	server.listen(Number(port), "127.0.0.1");
} else {
	const { createBroker, parseBrokerOptions } = createRequire(import.meta.url)("../../dist/broker/index.js");
	const limits = {
		connections: 20_000,
		queuedMessages: 1_000_000,
		queuedBytes: 1_000_000_000,
		clientBuffer: 100_000_000,
		// As for Mosquitto: any number.
		inflight: 65_535,
		messageRate: 0,
		byteRate: 0,
	};
	const broker = createBroker(
		parseBrokerOptions({
			listeners: [
				{
					host: "127.0.0.1",
					port: Number(port),
					...(tls && { kind: "tls", tls: { certFile: tls.cert, keyFile: tls.key } }),
				},
			],
			limits,
			sysInterval: 0,
			...(rules && { access: { kind: "users", file: accessFile(rules) } }),
		}),
	);
	await broker.start();
}

/** Anonymous clients with so many rules. */
function accessFile(count) {
	const folder = mkdtempSync(join(tmpdir(), "bench-"));
	process.on("exit", () => rmSync(folder, { recursive: true }));
	const rule = (filter) => ({ effect: "allow", action: "all", filter, priority: 0 });
	const rules = Array.from({ length: count - 1 }, (_, at) => rule(`other/${at}/+/x`));
	const defaults = { publish: "deny", receive: "deny", subscribe: "deny" };
	const anonymous = { enabled: true, rules: [...rules, rule("bench/#")] };
	const file = join(folder, "access.json");
	writeFileSync(file, JSON.stringify({ version: 1, defaults, anonymous, users: [], groups: [] }), { mode: 0o600 });
	return file;
}

process.on("SIGTERM", () => process.exit(0));
