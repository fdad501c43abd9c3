/**
 * A broker with a bridge in a process of its own, for bench/kill-harness.mjs:
 * `node kill-bridge.mjs PORT FOLDER DURABILITY DIRECTION OTHER_PORT`.
 */

import { createRequire } from "node:module";
import { connect } from "node:net";

const { Bridge, createBroker, FlowbrokerError, parseBridgeRules, parseBrokerOptions } = createRequire(import.meta.url)(
	"../../dist/broker/index.js",
);
const [port, folder, durability, direction, otherPort] = process.argv.slice(2);
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
const rule = (filter, qos) => ({ filter, direction, qos, localPrefix: "", remotePrefix: "" });
const bridge = new Bridge(
	broker,
	{
		id: "kill",
		name: "kill",
		rules: parseBridgeRules([rule("q1/#", 1), rule("q2/#", 2), rule("r/#", 1)]),
		start: "automatic",
		startThreshold: 10,
		idleTimeout: 60_000,
		protocolVersion: "auto",
		tryPrivate: true,
		roundRobin: false,
		notifications: undefined,
		outgoingRetain: true,
		attemptUnsubscribe: true,
		loopGuard: true,
		user: undefined,
		queue: { messages: 1_000_000, bytes: 1_000_000_000, drop: "newest", qos0: false },
		link: {
			clientId: "kill.bridge",
			clean: false,
			keepalive: 60,
			user: undefined,
			password: undefined,
			sessionExpiry: 3_600,
			receiveMaximum: 100,
			maximumPacketSize: 1_048_576,
			userProperties: undefined,
			connectTimeout: 30_000,
		},
	},
	{
		servers: [`127.0.0.1:${otherPort}`],
		open: () => connect({ host: "127.0.0.1", port: Number(otherPort), noDelay: true }),
		isThere: async () => true,
		explain: (_server, end) => new FlowbrokerError("CONNECTION_LOST", `ended: ${end.code ?? ""} ${end.error ?? ""}`),
		pause: () => 20,
		lasting: 1_000,
		lookEvery: 1_000,
	},
	({ error }) => error && console.error(error.message),
);
// Before the broker: a client must find a bridge that takes what it publishes.
bridge.start();
await broker.start();
const [listener] = broker.listeners;
if (!listener.up) throw listener.error;
process.stdout.write(`listening ${listener.port}\n`);
