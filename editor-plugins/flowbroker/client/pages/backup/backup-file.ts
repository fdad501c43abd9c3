/** The file of a backup: made of what the server gives, and read without trust. */

import type { AccessBackup, RetainedBackup } from "../../../../../broker/http/contract";
import { ApiError, type BrokerCall } from "../../api";
import type { Translate } from "../../text";

const FORMAT = "flowbroker-backup";

export interface BackupFile {
	readonly format: typeof FORMAT;
	readonly version: 1;
	/** ISO date and time. */
	readonly made: string;
	/** `null` for what is not in it. */
	readonly access: AccessBackup | null;
	readonly retained: readonly RetainedBackup[] | null;
}

/** Characters of one request with retained messages: below what the server takes. */
const PART = 3_000_000;

/** `undefined` for a broker that keeps no users. */
export async function readAccess(call: BrokerCall, passphrase: string): Promise<AccessBackup | undefined> {
	try {
		return await call("POST /brokers/:broker/backup/access", passphrase === "" ? {} : { passphrase });
	} catch (error) {
		if (error instanceof ApiError && error.code === "USERS_ELSEWHERE") return undefined;
		throw error;
	}
}

export async function readRetained(
	call: BrokerCall,
): Promise<{ readonly messages: readonly RetainedBackup[]; readonly tooLarge: readonly string[] }> {
	const messages: RetainedBackup[] = [];
	const tooLarge: string[] = [];
	for (let after: string | null = ""; after !== null; ) {
		const part: { messages: readonly RetainedBackup[]; next: string | null; tooLarge: readonly string[] } = await call(
			"GET /brokers/:broker/backup/retained",
			{ after },
		);
		messages.push(...part.messages);
		tooLarge.push(...part.tooLarge);
		after = part.next;
	}
	return { messages, tooLarge };
}

export function backupText(access: AccessBackup | null, retained: readonly RetainedBackup[] | null): string {
	const file: BackupFile = { format: FORMAT, version: 1, made: new Date().toISOString(), access, retained };
	return `${JSON.stringify(file, undefined, "\t")}\n`;
}

/** What is inside is checked by the server. @throws an error with a sentence for people */
export function parseBackup(text: string, t: Translate): BackupFile {
	const wrong = new Error(t("backup.noBackup"));
	let file: unknown;
	try {
		file = JSON.parse(text);
	} catch {
		throw wrong;
	}
	const { format, version, made, access, retained } = (file ?? {}) as Partial<BackupFile>;
	if (format !== FORMAT || version !== 1 || !(retained == null || Array.isArray(retained))) throw wrong;
	return { format, version, made: String(made ?? ""), access: access ?? null, retained: retained ?? null };
}

/** Sends the messages in parts. @returns how many */
export async function writeRetained(call: BrokerCall, messages: readonly RetainedBackup[]): Promise<number> {
	let part: RetainedBackup[] = [];
	let size = 0;
	let restored = 0;
	const send = async () => {
		if (part.length === 0) return;
		restored += (await call("POST /brokers/:broker/backup/retained", { messages: part })).restored;
		part = [];
		size = 0;
	};
	for (const message of messages) {
		const length = JSON.stringify(message).length;
		if (size + length > PART) await send();
		part.push(message);
		size += length;
	}
	await send();
	return restored;
}
