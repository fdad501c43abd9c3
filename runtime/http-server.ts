/** The headless HTTP server: is it alive, is it ready, its numbers, the admin API, and a page to look at it. */

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import express, { type Express } from "express";
import { FlowbrokerError, prometheusContentType, prometheusText } from "../broker";
import { type AdminBroker, answerErrors, createAdminRouter, tokenAuthorisation } from "../broker/http";
import { createDeployRouter } from "./deploy/deploy-router";
import type { Deployments } from "./deploy/deployments";
import type { HttpOptions } from "./http-options";
import { createWebPage } from "./web-page";

export interface HttpSources {
	/** The brokers of the flow that runs now. */
	readonly brokers: () => readonly AdminBroker[];
	/** Has the flow started? */
	readonly started: () => boolean;
	/** Takes flows from outside; undefined where nobody may deploy. */
	readonly deployments: Deployments | undefined;
	readonly onFault: (error: unknown) => void;
}

export class HttpServer {
	readonly #options: HttpOptions;
	readonly #server: Server;

	/** @throws FlowbrokerError TOKEN_TOO_SHORT or CERTIFICATE_INVALID */
	constructor(options: HttpOptions, sources: HttpSources) {
		this.#options = options;
		this.#server = serverOf(application(options.token, sources), options);
	}

	/** @returns the address, as in `http://127.0.0.1:1880` or with https. @throws FlowbrokerError PORT_IN_USE or LISTENER_FAILED */
	async open(): Promise<string> {
		const { host, port } = this.#options;
		this.#server.listen(port, host);
		try {
			await once(this.#server, "listening");
		} catch (cause) {
			if ((cause as NodeJS.ErrnoException).code === "EADDRINUSE") {
				const sentence = `Port ${port} on ${host}, wanted by --http, is already in use by another program. Choose another port.`;
				throw new FlowbrokerError("PORT_IN_USE", sentence, cause);
			}
			const sentence = `The HTTP server could not listen on ${host}:${port}: ${(cause as Error).message}.`;
			throw new FlowbrokerError("LISTENER_FAILED", sentence, cause);
		}
		const { address, port: actual } = this.#server.address() as AddressInfo;
		return `http${this.#options.tls ? "s" : ""}://${address.includes(":") ? `[${address}]` : address}:${actual}`;
	}

	/** Resolves when the port is free. */
	async close(): Promise<void> {
		if (!this.#server.listening) return;
		const closed = once(this.#server, "close");
		this.#server.close();
		this.#server.closeAllConnections();
		await closed;
	}
}

function serverOf(app: Express, { tls }: HttpOptions): Server {
	if (!tls) return createServer(app);
	try {
		return createTlsServer({ ...tls, minVersion: "TLSv1.2" }, app);
	} catch (cause) {
		const sentence = `The certificate of --http-cert and the key of --http-key can't be used: ${(cause as Error).message}. Make both with: flowbroker certs create`;
		throw new FlowbrokerError("CERTIFICATE_INVALID", sentence, cause);
	}
}

function application(token: string, { brokers, started, deployments, onFault }: HttpSources): Express {
	const authorise = tokenAuthorisation(token);
	const app = express();
	app.disable("x-powered-by");
	app.get("/health", (_request, response) => {
		response.json({ status: "ok" });
	});
	app.get("/ready", (_request, response) => {
		const problems = whyNotReady(brokers(), started());
		response.status(problems.length === 0 ? 200 : 503).json({ ready: problems.length === 0, problems });
	});
	app.get("/metrics", authorise("read"), (_request, response) => {
		const running = brokers().flatMap(({ id, name, broker }) =>
			broker ? [{ labels: { broker: id, name }, metrics: broker.metrics() }] : [],
		);
		response.type(prometheusContentType).send(prometheusText(running));
	});
	app.use("/deploy", authorise("write"));
	app.use(createDeployRouter(deployments));
	app.use("/flowbroker", createAdminRouter({ brokers, authorise, onFault }));
	app.use(createWebPage());
	app.use(answerErrors(onFault));
	return app;
}

/** Names no secrets: everybody who reaches the port may ask. */
function whyNotReady(brokers: readonly AdminBroker[], started: boolean): string[] {
	if (!started) return ["the flow has not started"];
	return brokers.flatMap(({ name, broker }) => {
		if (broker?.state !== "running") return [`the broker "${name}" does not run`];
		return broker.listeners
			.filter(({ up }) => !up)
			.map((listener) => `the listener ${listener.name} of "${name}" is down`);
	});
}
