/** The admin API of a real broker with users, served by Express on a port that the operating system chose. */

import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import express from "express";
import type { Broker } from "../../../broker";
import { type AdminRouterOptions, createAdminRouter } from "../../../broker/http";
import { startBroker } from "../../helpers/broker";

export interface Answer {
	readonly status: number;
	readonly headers: Headers;
	readonly text: string;
	/** The body as JSON. */
	// biome-ignore lint/suspicious/noExplicitAny: a test looks at what it expects to be there
	readonly body: any;
}

export interface CallOptions {
	/** As whom; default `write`. */
	readonly role?: "none" | "read" | "write";
	readonly body?: unknown;
	readonly headers?: Record<string, string>;
}

export interface AdminServer extends AsyncDisposable {
	readonly broker: Broker;
	/** For MQTT clients. */
	readonly url: string;
	readonly base: string;
	/** What was told as a fault. */
	readonly faults: unknown[];
	/** @param path behind `/brokers/main`, or from `/brokers` on */
	call(method: string, path: string, options?: CallOptions): Promise<Answer>;
}

/** Stands for a login: the role is in a header. Who may write may read. */
const byRole: AdminRouterOptions["authorise"] = (permission) => (request, response, next) => {
	const role = request.get("x-role");
	if (role === "write" || role === permission) next();
	else response.status(401).end();
};

/** @param options of the broker, as for `parseBrokerOptions`; default: users of its own */
export async function startAdminServer(
	options: Record<string, unknown> = {},
	authorise: AdminRouterOptions["authorise"] = byRole,
): Promise<AdminServer> {
	const folder = await mkdtemp(join(tmpdir(), "flowbroker-admin-"));
	const access = { kind: "users", file: join(folder, "access.json") };
	const running = await startBroker({ access, sysInterval: 0, ...options });
	const { broker } = running;
	const faults: unknown[] = [];
	const stopped = { id: "stopped", name: "Stopped", broker: undefined };
	const app = express();
	const brokers = () => [{ id: "main", name: "Main", broker }, stopped];
	app.use("/admin", createAdminRouter({ brokers, authorise, onFault: (error) => faults.push(error) }));
	const server = app.listen(0, "127.0.0.1");
	await once(server, "listening");
	const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/admin`;
	return {
		broker,
		url: running.url,
		base,
		faults,
		async call(method, path, { role = "write", body, headers } = {}) {
			const response = await fetch(`${base}${path.startsWith("/brokers") ? path : `/brokers/main${path}`}`, {
				method,
				headers: { "Content-Type": "application/json", "X-Role": role, ...headers },
				...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
			});
			const text = await response.text();
			const isJson = response.headers.get("content-type")?.startsWith("application/json");
			return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
		},
		async [Symbol.asyncDispose]() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
			await running[Symbol.asyncDispose]();
			await rm(folder, { recursive: true, force: true });
		},
	};
}
