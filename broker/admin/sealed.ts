/** Text that only who knows a passphrase can read: for password hashes that leave the broker in a backup. */

import { createCipheriv, createDecipheriv, randomBytes, scrypt } from "node:crypto";
import { FlowbrokerError } from "../errors";

/** AES-256-GCM with a key made by scrypt; all in base64. */
export interface Sealed {
	readonly salt: string;
	readonly iv: string;
	readonly tag: string;
	readonly data: string;
}

/** What scrypt costs: 32 MB and some 100 ms on a Raspberry Pi. Not taken from the file, which may come from anywhere. */
const COST = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1_024 * 1_024 } as const;
const CIPHER = "aes-256-gcm";
const SHORTEST = 8;

/** @throws FlowbrokerError BACKUP_PASSPHRASE where it is too short */
export async function seal(plain: string, passphrase: string): Promise<Sealed> {
	if (passphrase.length < SHORTEST) {
		throw new FlowbrokerError("BACKUP_PASSPHRASE", `The passphrase must have at least ${SHORTEST} characters.`);
	}
	const salt = randomBytes(16);
	const iv = randomBytes(12);
	const cipher = createCipheriv(CIPHER, await keyOf(passphrase, salt), iv);
	const data = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
	const text = (bytes: Buffer) => bytes.toString("base64");
	return { salt: text(salt), iv: text(iv), tag: text(cipher.getAuthTag()), data: text(data) };
}

/** @throws FlowbrokerError BACKUP_PASSPHRASE where the passphrase is another one, or the text was changed */
export async function unseal({ salt, iv, tag, data }: Sealed, passphrase: string): Promise<string> {
	const key = await keyOf(passphrase, Buffer.from(salt, "base64"));
	try {
		const decipher = createDecipheriv(CIPHER, key, Buffer.from(iv, "base64"), { authTagLength: 16 });
		decipher.setAuthTag(Buffer.from(tag, "base64"));
		return Buffer.concat([decipher.update(Buffer.from(data, "base64")), decipher.final()]).toString("utf8");
	} catch (cause) {
		const sentence = "The passwords of the backup can't be opened: the passphrase is wrong, or the file is damaged.";
		throw new FlowbrokerError("BACKUP_PASSPHRASE", sentence, cause);
	}
}

function keyOf(passphrase: string, salt: Buffer): Promise<Buffer> {
	return new Promise((resolve, reject) => {
		scrypt(passphrase, salt, 32, COST, (error, key) => (error ? reject(error) : resolve(key)));
	});
}
