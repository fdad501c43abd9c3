/** PEM text that is given itself, or as the path of a file. */

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { FlowbrokerError } from "../errors";
import type { TlsOptions } from "./tls-options";

export interface PemSource {
	readonly text: string;
	/** Where it stands, for messages: `the file /etc/mqtt/server.pem`, `the setting tls.cert`. */
	readonly place: string;
}

/** What each of the settings holds, for people. */
const contents = { cert: "certificate", key: "private key", ca: "CA certificate", crl: "revocation list" } as const;

export type PemName = keyof typeof contents;

/**
 * @returns undefined when neither the text nor a file is given
 * @throws FlowbrokerError CERTIFICATE_UNREADABLE
 */
export async function readPem(options: TlsOptions, name: PemName): Promise<PemSource | undefined> {
	const given = options[name];
	if (given !== undefined) return { text: given, place: `the setting tls.${name}` };
	const file = options[`${name}File`];
	if (file === undefined) return undefined;
	const path = resolve(file);
	try {
		return { text: await readFile(path, "utf8"), place: `the file ${path}` };
	} catch (cause) {
		throw new FlowbrokerError(
			"CERTIFICATE_UNREADABLE",
			`The ${contents[name]} can't be read from ${path}: ${whyNot(cause as NodeJS.ErrnoException)}.`,
			cause,
		);
	}
}

/** The files that the settings name. */
export function pemFiles(options: TlsOptions): string[] {
	const { certFile, keyFile, caFile, crlFile } = options;
	return [certFile, keyFile, caFile, crlFile].filter((file) => file !== undefined).map((file) => resolve(file));
}

function whyNot({ code, message }: NodeJS.ErrnoException): string {
	switch (code) {
		case "ENOENT":
			return 'there is no such file. Correct the path, or make certificates with "flowbroker certs create"';
		case "EACCES":
		case "EPERM":
			return "this user may not read it. Give the user that runs the broker the right to read the file";
		case "EISDIR":
			return "it is a folder. Name the file in it";
		default:
			return message;
	}
}
