/** `flowbroker health`: is the runtime on this machine well? For container engines and other watchers. */

import { request as requestPlain } from "node:http";
import { request as requestTls } from "node:https";
import { connectAsync, ErrorWithReasonCode } from "mqtt";
import { FlowbrokerError } from "../../broker";
import type { Command, CommandCall } from "../command";
import { configOption, resolveSettings } from "../config/resolve";
import { errorText } from "../error-text";
import { say } from "./common/print";
import { noWords } from "./common/words";

/** The longest that an answer may take. */
const timeoutMs = 5_000;

export const health: Command = {
	name: "health",
	summary: "tell whether the runtime on this machine is well",
	usage: "[options]",
	help: `Asks the runtime that runs on this machine with the same settings: its HTTP server, where it has one, whether the
flow has started and all listeners are up; else its broker, whether it answers a client.

Exit codes: 0 it is well, 1 it is not.`,
	options: {
		port: { value: "N", help: "port of the broker (default: 1883)" },
		http: { value: "PORT", help: "port of the HTTP server" },
		...configOption,
	},
	examples: ["flowbroker health", "flowbroker health --http 1880"],
	run: check,
};

async function check(call: CommandCall): Promise<void> {
	noWords(call, "health");
	const { values } = resolveSettings(call, process.env).call;
	const problems =
		values.http === undefined
			? await askBroker(Number(values.port))
			: await askServer(Number(values.http), values["http-host"] ?? "", values["http-cert"] !== undefined);
	if (problems.length > 0) throw new FlowbrokerError("NOT_READY", `The runtime is not well: ${problems.join("; ")}.`);
	say("The runtime is well.");
}

/** No token is sent, so that it does not matter who answers: a certificate for other names than this is no problem. */
async function askServer(port: number, boundTo: string, tls: boolean): Promise<string[]> {
	const host = ["0.0.0.0", "::"].includes(boundTo) ? "127.0.0.1" : boundTo;
	const options = { host, port, path: "/ready", timeout: timeoutMs, rejectUnauthorized: false };
	return new Promise((resolve) => {
		const asked = (tls ? requestTls : requestPlain)(options, (response) => {
			let text = "";
			response.setEncoding("utf8").on("data", (part) => {
				text += part;
			});
			response.on("end", () => resolve(problemsOf(text)));
		});
		asked.on("timeout", () => asked.destroy(new Error("no answer in time")));
		asked.on("error", (error) => resolve([`its HTTP server on port ${port} does not answer (${errorText(error)})`]));
		asked.end();
	});
}

function problemsOf(answer: string): string[] {
	try {
		const { ready, problems } = JSON.parse(answer) as { ready?: unknown; problems?: unknown };
		if (ready === true) return [];
		if (Array.isArray(problems)) return problems.map(String);
	} catch {
		// said below
	}
	return ["something else answers on its HTTP port"];
}

/** A broker that refuses the login is well. */
async function askBroker(port: number): Promise<string[]> {
	try {
		const url = `mqtt://127.0.0.1:${port}`;
		const client = await connectAsync(url, { connectTimeout: timeoutMs, reconnectPeriod: 0 }, false);
		await client.endAsync();
		return [];
	} catch (error) {
		return error instanceof ErrorWithReasonCode
			? []
			: [`its broker on port ${port} does not answer (${errorText(error)})`];
	}
}
