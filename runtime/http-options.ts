/** Settings of the headless HTTP server: off unless asked for, this machine only unless said otherwise, never without token. */

import { readFile, stat } from "node:fs/promises";
import { FlowbrokerError } from "../broker";
import type { CommandCall, CommandOption } from "./command";
import { isFromSystemd } from "./secrets/private-file";

export interface HttpOptions {
	/** 0 lets the operating system choose. */
	readonly port: number;
	readonly host: string;
	readonly token: string;
}

export const httpOptions = {
	http: { value: "PORT", help: "serve /health, /ready, /metrics and the admin API on this port; needs a token" },
	"http-host": { value: "ADDRESS", help: "bind address of that server (default: 127.0.0.1)" },
	"token-file": { value: "FILE", help: "file with its token (default: the variable FLOWBROKER_TOKEN)" },
} as const satisfies Record<string, CommandOption>;

/** @returns undefined where no server is asked for. @throws FlowbrokerError USAGE or FILE_UNREADABLE */
export async function readHttpOptions(
	{ values }: CommandCall,
	environment: NodeJS.ProcessEnv,
): Promise<HttpOptions | undefined> {
	const { http, "http-host": host = "127.0.0.1", "token-file": file } = values;
	if (http === undefined) return undefined;
	if (!(/^\d{1,5}$/.test(http) && Number(http) <= 65_535)) {
		throw new FlowbrokerError(
			"USAGE",
			`--http ${http} is no port: give a number from 1 to 65535, or 0 for any free port.`,
		);
	}
	const token = file === undefined ? environment.FLOWBROKER_TOKEN : await readToken(file);
	if (!token) {
		throw new FlowbrokerError(
			"USAGE",
			"--http needs a token: put one of at least 16 characters into a file and name it with --token-file, or into the variable FLOWBROKER_TOKEN.",
		);
	}
	return { port: Number(http), host, token };
}

async function readToken(file: string): Promise<string> {
	try {
		const { mode } = await stat(file);
		if (process.platform !== "win32" && (mode & 0o077) !== 0 && !isFromSystemd(file)) {
			throw new FlowbrokerError(
				"USAGE",
				`Others can read the token file ${file}. Keep it to yourself: chmod 600 ${file}`,
			);
		}
		return (await readFile(file, "utf8")).trim();
	} catch (error) {
		if (error instanceof FlowbrokerError) throw error;
		throw new FlowbrokerError("FILE_UNREADABLE", `The token file ${file} can't be read.`, error);
	}
}
