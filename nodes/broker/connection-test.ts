/** Tries a connection to another broker with the settings in an open form. */

import { randomBytes } from "node:crypto";
import type { NodeAPI, NodeDef } from "node-red";
import { type ConnectionTestRequest, type ConnectionTestResult, FlowbrokerError } from "../../broker";
import type { RemoteOptions } from "./remote/remote-options";
import { describeServer } from "./remote/servers";
import { type Login, remoteOptionsOf } from "./remote-settings";
import { tlsSettingsOf } from "./tls-settings";

/** Milliseconds that one server may take: somebody waits in front of the form. */
const LONGEST = 10_000;
/** Where a password goes to: the stored one goes nowhere else than it does already. */
const PLACE = ["broker", "port", "usetls", "tls", "verifyservercert"] as const;

/** @throws FlowbrokerError OPTION_INVALID, or why the last of the servers could not be reached */
export async function testConnection(RED: NodeAPI, request: ConnectionTestRequest): Promise<ConnectionTestResult> {
	const { id, properties } = request;
	const node = RED.nodes.getNode(id);
	const options = remoteOptionsOf(properties, {
		// The types say that there must be a node; without one it looks into the environment.
		lookup: (variable) => RED.util.getSetting(node as never, variable),
		login: loginOf(RED, request),
		tlsOf: (tls) => tlsSettingsOf(RED.nodes.getNode(tls)),
	});
	return tryServers(options);
}

/** @throws FlowbrokerError PASSWORD_NEEDED where the stored password would go to another server */
function loginOf({ nodes }: NodeAPI, { id, properties, login }: ConnectionTestRequest): Login {
	const { password, user } = login;
	if (password !== undefined) return { user, password };
	const { password: stored } = (nodes.getCredentials(id) ?? {}) as { readonly password?: unknown };
	if (stored === undefined || stored === "") return { user };
	let deployed: NodeDef | undefined;
	nodes.eachNode((definition) => {
		if (definition.id === id) deployed = definition;
	});
	const before = (deployed ?? {}) as unknown as Readonly<Record<string, unknown>>;
	if (PLACE.every((name) => String(before[name] ?? "") === String(properties[name] ?? ""))) {
		return { user, password: stored };
	}
	throw new FlowbrokerError(
		"PASSWORD_NEEDED",
		"The stored password goes only to the server that is deployed. Type the password again to test another one.",
	);
}

/** Each server once, until one lets us in. */
async function tryServers(settings: RemoteOptions): Promise<ConnectionTestResult> {
	// Only here: most flows need no MQTT.js, and it takes memory.
	const { RemoteConnection } = require("./remote/remote-connection") as typeof import("./remote/remote-connection");
	const options: RemoteOptions = {
		...settings,
		clean: true,
		sessionExpiry: undefined,
		birth: undefined,
		close: undefined,
		will: undefined,
		connectTimeout: Math.min(settings.connectTimeout, LONGEST),
		pause: { minimum: 50, maximum: 50 },
	};
	// With the id of the node itself, the broker would throw out its connection.
	const clientId = `${options.clientId || "flowbroker"}-test-${randomBytes(3).toString("hex")}`;
	const startedAt = performance.now();
	let failures = 0;
	let end = async () => {};
	try {
		return await new Promise<ConnectionTestResult>((resolve, reject) => {
			const connection = new RemoteConnection(options, clientId, {
				connected: (_session, server) =>
					resolve({ server: describeServer(server), milliseconds: Math.round(performance.now() - startedAt) }),
				failed: (problem) => {
					if (++failures === options.servers.length) reject(problem);
				},
				disconnected: () => {},
				message: () => {},
			});
			end = () => connection.end();
		});
	} finally {
		await end();
	}
}
