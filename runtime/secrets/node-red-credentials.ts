/** Reads Node-RED's own file of credentials, `flows_cred.json`, encrypted or not. */

import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { FlowbrokerError } from "../../broker";
import { readPrivateFile, readWithMode, refuseExposed } from "./private-file";

/** Id of a node -> its credentials, as Node-RED keeps them. */
export type NodeCredentials = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The environment variable with the `credentialSecret` of settings.js, as Node-RED's container calls it. */
export const secretVariable = "NODE_RED_CREDENTIAL_SECRET";

/** Where Node-RED keeps the secret that it made up itself, beside the flows. */
const ownSettings = ".config.runtime.json";

/** Hexadecimal digits of the initialisation vector, which the encrypted text begins with. */
const vectorDigits = 32;

/** What a file of credentials holds, and the way back into a file. */
export interface OpenedCredentials {
	readonly credentials: NodeCredentials;
	/** @returns the text of a file with other credentials, encrypted as the file was, with the same secret */
	seal(credentials: NodeCredentials): string;
}

/**
 * @param secretFile a file with the secret and nothing else; without it the environment variable
 *   NODE_RED_CREDENTIAL_SECRET, then the file `.config.runtime.json` beside the credentials
 * @throws FlowbrokerError FILE_UNREADABLE, SECRETS_EXPOSED, SECRETS_INVALID, CREDENTIALS_LOCKED
 */
export async function openNodeRedCredentials(
	path: string,
	secretFile: string | undefined,
	environment: NodeJS.ProcessEnv,
): Promise<OpenedCredentials> {
	const { text, mode } = await readWithMode(path);
	const content = parse(path, text);
	const encrypted = content.$;
	if (typeof encrypted !== "string") {
		refuseExposed(path, mode);
		return { credentials: checked(path, content), seal: (credentials) => JSON.stringify(credentials, null, 4) };
	}
	const secret = await findSecret(path, secretFile, environment);
	if (secret === undefined) {
		throw new FlowbrokerError(
			"CREDENTIALS_LOCKED",
			`${path} is encrypted. Set the environment variable ${secretVariable} to the credentialSecret of the Node-RED that wrote it, or name a file with it: --credential-secret FILE.`,
		);
	}
	return { credentials: decrypt(path, encrypted, secret), seal: (credentials) => encrypt(credentials, secret) };
}

/** As {@link openNodeRedCredentials}, for those who only read. */
export async function readNodeRedCredentials(
	...file: Parameters<typeof openNodeRedCredentials>
): Promise<NodeCredentials> {
	return (await openNodeRedCredentials(...file)).credentials;
}

async function findSecret(
	path: string,
	secretFile: string | undefined,
	environment: NodeJS.ProcessEnv,
): Promise<string | undefined> {
	if (secretFile !== undefined) return (await readPrivateFile(secretFile)).replace(/\r?\n$/, "");
	if (environment[secretVariable]) return environment[secretVariable];
	const beside = join(dirname(path), ownSettings);
	if (!existsSync(beside)) return undefined;
	const made = parse(beside, (await readWithMode(beside)).text)._credentialSecret;
	return typeof made === "string" ? made : undefined;
}

function encrypt(credentials: NodeCredentials, secret: string): string {
	const key = createHash("sha256").update(secret).digest();
	const vector = randomBytes(vectorDigits / 2);
	const cipher = createCipheriv("aes-256-ctr", key, vector);
	const text = cipher.update(JSON.stringify(credentials), "utf8", "base64") + cipher.final("base64");
	return JSON.stringify({ $: vector.toString("hex") + text }, null, 4);
}

function decrypt(path: string, encrypted: string, secret: string): NodeCredentials {
	try {
		const key = createHash("sha256").update(secret).digest();
		const decipher = createDecipheriv("aes-256-ctr", key, Buffer.from(encrypted.slice(0, vectorDigits), "hex"));
		const text = decipher.update(encrypted.slice(vectorDigits), "base64", "utf8") + decipher.final("utf8");
		return checked(path, JSON.parse(text) as Record<string, unknown>);
	} catch {
		// No cause: the message of JSON.parse quotes what came out.
		throw new FlowbrokerError(
			"CREDENTIALS_LOCKED",
			`${path} can't be opened with this secret. Use the credentialSecret of the Node-RED that wrote it.`,
		);
	}
}

function parse(path: string, text: string): Record<string, unknown> {
	try {
		const content: unknown = JSON.parse(text);
		if (typeof content === "object" && content !== null && !Array.isArray(content)) {
			return content as Record<string, unknown>;
		}
	} catch {
		// said below, without a quotation
	}
	throw new FlowbrokerError("SECRETS_INVALID", `${path} is not what Node-RED writes. Copy it again.`);
}

function checked(path: string, content: Record<string, unknown>): NodeCredentials {
	const sound = Object.values(content).every((fields) => typeof fields === "object" && fields !== null);
	if (sound) return content as NodeCredentials;
	throw new FlowbrokerError("SECRETS_INVALID", `${path} is not what Node-RED writes. Copy it again.`);
}
