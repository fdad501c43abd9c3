/** Settings of the headless HTTP server: off unless asked for, this machine only unless said otherwise, never without token. */

import { readFile } from "node:fs/promises";
import { FlowbrokerError, whyUnreadable } from "../broker";
import type { CommandCall, CommandOption } from "./command";
import { readTokenFile } from "./token-file";

export interface HttpOptions {
	/** 0 lets the operating system choose. */
	readonly port: number;
	readonly host: string;
	readonly token: string;
	/** For https. */
	readonly tls: { readonly cert: string; readonly key: string } | undefined;
	/** Who has the token may replace the flow. */
	readonly allowDeploy: boolean;
}

export const httpOptions = {
	http: { value: "PORT", help: "serve /health, /ready, /metrics and the admin API on this port; needs a token" },
	"http-host": { value: "ADDRESS", help: "bind address of that server (default: 127.0.0.1)" },
	"token-file": { value: "FILE", help: "file with its token (default: the variable FLOWBROKER_TOKEN)" },
	"http-cert": { value: "FILE", help: "its certificate, for https" },
	"http-key": { value: "FILE", help: "the key of that certificate" },
	"allow-deploy": { help: 'let who has the token replace the flow, as "flowbroker deploy" does; needs --data' },
} as const satisfies Record<string, CommandOption>;

/** @returns undefined where no server is asked for. @throws FlowbrokerError USAGE or FILE_UNREADABLE */
export async function readHttpOptions(
	{ files, values, switches }: CommandCall,
	environment: NodeJS.ProcessEnv,
): Promise<HttpOptions | undefined> {
	const { http, "http-host": host = "127.0.0.1", "token-file": file } = values;
	const allowDeploy = switches.has("allow-deploy");
	if (allowDeploy) refuseUndeployable(files, values);
	if (http === undefined) return undefined;
	if (!(/^\d{1,5}$/.test(http) && Number(http) <= 65_535)) {
		throw new FlowbrokerError(
			"USAGE",
			`--http ${http} is no port: give a number from 1 to 65535, or 0 for any free port.`,
		);
	}
	const token = file === undefined ? environment.FLOWBROKER_TOKEN : await readTokenFile(file);
	if (!token) {
		throw new FlowbrokerError(
			"USAGE",
			"--http needs a token: put one of at least 16 characters into a file and name it with --token-file, or into the variable FLOWBROKER_TOKEN.",
		);
	}
	return { port: Number(http), host, token, tls: await readTls(values), allowDeploy };
}

/** Does the token travel through a network for everybody to read? */
export function isExposed({ host, tls }: HttpOptions): boolean {
	return !tls && !(host === "localhost" || host === "::1" || /^127\./.test(host));
}

async function readTls({ "http-cert": cert, "http-key": key }: CommandCall["values"]): Promise<HttpOptions["tls"]> {
	if (cert === undefined && key === undefined) return undefined;
	if (cert === undefined || key === undefined) {
		throw new FlowbrokerError("USAGE", "--http-cert and --http-key belong together: give both, or none.");
	}
	return { cert: await read(cert), key: await read(key) };
}

async function read(file: string): Promise<string> {
	try {
		return await readFile(file, "utf8");
	} catch (error) {
		const sentence = `${file} can't be read: ${whyUnreadable(error)}. Make one with: flowbroker certs create`;
		throw new FlowbrokerError("FILE_UNREADABLE", sentence, error);
	}
}

/** What is deployed takes the place of the one flow file, and the last good flow is kept in the data folder. */
function refuseUndeployable(files: readonly string[], { http, data }: CommandCall["values"]): void {
	if (http === undefined) throw new FlowbrokerError("USAGE", "--allow-deploy needs a server: add --http PORT.");
	if (data === undefined) throw new FlowbrokerError("USAGE", "--allow-deploy needs a data folder: add --data DIR.");
	if (files.length > 1) {
		const sentence = "--allow-deploy works with one flow file, which is replaced: merge them, or name one.";
		throw new FlowbrokerError("USAGE", sentence);
	}
}
