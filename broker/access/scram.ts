/** The server's half of SCRAM-SHA-256: user and broker prove to each other that they know the password. (RFC 5802, 7677) */

import { randomBytes, timingSafeEqual } from "node:crypto";
import type { ScramHash } from "./password-hash";
import { hmac, SCRAM_ROUNDS, sha256 } from "./scram-keys";

/** The proof, before it is known whether it is right. */
export interface ScramAttempt {
	readonly user: string;
	/** The server's first message. */
	readonly challenge: Buffer;
	/** @returns the server's last message; undefined for a proof that is wrong */
	verify(clientFinal: Buffer): Buffer | undefined;
}

/** The one header that is taken: no channel binding, no other identity. */
const HEADER = /^[ny],,/;
const FIRST = /^n=([^,]+),r=([\x21-\x2b\x2d-\x7e]{8,256})$/;
const FINAL = /^(c=([A-Za-z0-9+/=]+),r=([^,]+)),p=([A-Za-z0-9+/=]+)$/;
/** Bytes. */
const NONCE = 18;

/**
 * @param clientFirst from the client
 * @param hashOf what is kept of the user
 * @param secret makes the salts of users who do not exist, always the same for the same name
 * @returns undefined for a message that is none
 */
export function beginScram(
	clientFirst: Buffer,
	hashOf: (user: string) => ScramHash | undefined,
	secret: Buffer,
): ScramAttempt | undefined {
	const text = clientFirst.toString("utf8");
	const header = HEADER.exec(text)?.[0];
	const [bare, name, nonce] = FIRST.exec(text.slice(header?.length)) ?? [];
	if (header === undefined || bare === undefined || name === undefined || nonce === undefined) return undefined;
	const user = nameOf(name);
	if (user === undefined) return undefined;
	const known = hashOf(user);
	const { salt, iterations, hash, serverKey } = known ?? pretended(user, secret);
	const wholeNonce = `${nonce}${randomBytes(NONCE).toString("base64")}`;
	const challenge = `r=${wholeNonce},s=${salt.toString("base64")},i=${iterations}`;
	const binding = Buffer.from(header).toString("base64");
	return {
		user,
		challenge: Buffer.from(challenge),
		verify: (clientFinal) => {
			const [, withoutProof, given, again, proof] = FINAL.exec(clientFinal.toString("utf8")) ?? [];
			if (withoutProof === undefined || given !== binding || again !== wholeNonce || proof === undefined)
				return undefined;
			const message = `${bare},${challenge},${withoutProof}`;
			const isRight = proves(Buffer.from(proof, "base64"), hash, message);
			return isRight && known ? Buffer.from(`v=${hmac(serverKey, message).toString("base64")}`) : undefined;
		},
	};
}

/** @param storedKey SHA-256 of the key that only the client can know */
function proves(proof: Buffer, storedKey: Buffer, message: string): boolean {
	if (proof.length !== storedKey.length) return false;
	const signature = hmac(storedKey, message);
	const clientKey = proof.map((byte, at) => byte ^ (signature[at] as number));
	return timingSafeEqual(sha256(Buffer.from(clientKey)), storedKey);
}

/** What somebody who does not exist, or has no such hash, looks like from outside. */
function pretended(user: string, secret: Buffer): ScramHash {
	const salt = hmac(secret, user).subarray(0, 16);
	return { kind: "scram", iterations: SCRAM_ROUNDS, salt, hash: hmac(secret, "hash"), serverKey: hmac(secret, "key") };
}

/** A comma is written =2C and an equals sign =3D. */
function nameOf(escaped: string): string | undefined {
	if (/=(?!2C|3D)/.test(escaped)) return undefined;
	return escaped.replaceAll("=2C", ",").replaceAll("=3D", "=");
}
