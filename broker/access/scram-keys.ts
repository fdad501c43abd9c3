/** The keys of SCRAM-SHA-256, made of a salted password. (RFC 5802, section 3) */

import { createHash, createHmac } from "node:crypto";

/**
 * Rounds of PBKDF2 for new passwords. RFC 7677 asks for 4,096 at least; the client has to do the same number of them, so
 * this is what a small device can do in a few seconds.
 */
export const SCRAM_ROUNDS = 50_000;

export function clientKeyOf(saltedPassword: Buffer): Buffer {
	return hmac(saltedPassword, "Client Key");
}

export function serverKeyOf(saltedPassword: Buffer): Buffer {
	return hmac(saltedPassword, "Server Key");
}

export function hmac(key: Buffer, text: string): Buffer {
	return createHmac("sha256", key).update(text).digest();
}

export function sha256(bytes: Buffer): Buffer {
	return createHash("sha256").update(bytes).digest();
}
