/** The ways in which the hash of a password is written down: Mosquitto's three, and SCRAM's. */

import { FlowbrokerError } from "../errors";

export type PasswordHash =
	| { readonly kind: "sha512"; readonly salt: Buffer; readonly hash: Buffer }
	| { readonly kind: "pbkdf2"; readonly iterations: number; readonly salt: Buffer; readonly hash: Buffer }
	| ScramHash
	| ({ readonly kind: "argon2id"; readonly salt: Buffer; readonly hash: Buffer } & Argon2Cost);

/** What a server keeps for SCRAM-SHA-256; with `hash`, the stored key, it can check a plain password too. (RFC 5803) */
export interface ScramHash {
	readonly kind: "scram";
	readonly iterations: number;
	readonly salt: Buffer;
	readonly hash: Buffer;
	readonly serverKey: Buffer;
}

export interface Argon2Cost {
	/** KiB. */
	readonly memory: number;
	readonly iterations: number;
	readonly parallelism: number;
}

/** What `mosquitto_passwd` 2.1 uses, so that our hashes can be taken to Mosquitto. About 0.1 s and 46 MiB. */
export const mosquittoCost = { memory: 47_104, iterations: 1, parallelism: 1 } as const satisfies Argon2Cost;
/** Bytes of salt and of hash in Mosquitto 2.1. */
export const ARGON2_BYTES = 64;

/** Name of the method, and how its hashes begin. */
export const SCRAM = "SCRAM-SHA-256";

/**
 * What one login may cost at most: a crafted hash must not occupy the machine. 2,000,000 rounds of PBKDF2 (ten times what
 * OWASP advises) take some 3 s on a PC; argon2id may take 256 MiB, and in all passes together 512 MiB.
 */
const MOST = { pbkdf2: 2_000_000, memory: 262_144, passes: 16, work: 524_288, parallelism: 16 } as const;

/** @throws FlowbrokerError PASSWORD_HASH_INVALID; the sentence never quotes the hash */
export function parsePasswordHash(text: string): PasswordHash {
	const parsed = tryParse(text);
	if (typeof parsed === "string") {
		throw new FlowbrokerError("PASSWORD_HASH_INVALID", `The password hash cannot be used: ${parsed}.`);
	}
	return parsed;
}

/** Says why a text is no password hash, in words for a person; `undefined` when it is one. */
export function whyNotPasswordHash(text: string): string | undefined {
	const parsed = tryParse(text);
	return typeof parsed === "string" ? parsed : undefined;
}

/** The PHC form, as Mosquitto 2.1 writes it. */
export function formatArgon2({ memory, iterations, parallelism }: Argon2Cost, salt: Buffer, hash: Buffer): string {
	return `$argon2id$v=19$m=${memory},t=${iterations},p=${parallelism}$${unpadded(salt)}$${unpadded(hash)}`;
}

/** As RFC 5803 writes it. */
export function formatScram({ iterations, salt, hash, serverKey }: Omit<ScramHash, "kind">): string {
	const [first, second, third] = [salt, hash, serverKey].map((bytes) => bytes.toString("base64"));
	return `${SCRAM}$${iterations}:${first}$${second}:${third}`;
}

function tryParse(text: string): PasswordHash | string {
	if (text.startsWith(`${SCRAM}$`)) return scram(text.slice(SCRAM.length + 1));
	const [before, kind, ...parts] = text.split("$");
	if (before !== "")
		return "it does not start with $6$, $7$, $argon2id$ or SCRAM-SHA-256$ (is it the password itself?)";
	if (kind === "6") return sha512(parts);
	if (kind === "7") return pbkdf2(parts);
	if (kind === "argon2id") return argon2id(parts);
	return "its kind is not known; known are $6$, $7$, $argon2id$ and SCRAM-SHA-256$";
}

function sha512(parts: string[]): PasswordHash | string {
	const [salt, hash] = [bytes(parts[0], [12, 64]), bytes(parts[1], [64])];
	return parts.length === 2 && salt && hash ? { kind: "sha512", salt, hash } : "it is damaged";
}

function pbkdf2(parts: string[]): PasswordHash | string {
	const iterations = count(parts[0]);
	const [salt, hash] = [bytes(parts[1], [12, 64]), bytes(parts[2], [64])];
	if (parts.length !== 3 || iterations === undefined || !salt || !hash) return "it is damaged";
	if (iterations > MOST.pbkdf2) return `it asks for more than ${MOST.pbkdf2} rounds`;
	return { kind: "pbkdf2", iterations, salt, hash };
}

function argon2id(parts: string[]): PasswordHash | string {
	const cost = /^m=(\d+),t=(\d+),p=(\d+)$/.exec(parts[1] ?? "");
	const [memory, iterations, parallelism] = [count(cost?.[1]), count(cost?.[2]), count(cost?.[3])];
	const [salt, hash] = [unpaddedBytes(parts[2], 8), unpaddedBytes(parts[3], 16)];
	if (parts.length !== 4 || parts[0] !== "v=19" || !memory || !iterations || !parallelism || !salt || !hash) {
		return "it is damaged";
	}
	if (parallelism > MOST.parallelism || memory < 8 * parallelism) return "its argon2 parameters are out of range";
	if (memory > MOST.memory || iterations > MOST.passes || memory * iterations > MOST.work) {
		return `it asks for more than ${MOST.memory} KiB of memory or too many passes over it`;
	}
	return { kind: "argon2id", memory, iterations, parallelism, salt, hash };
}

function scram(text: string): PasswordHash | string {
	const [, rounds, first, second, third] = /^(\d+):([^$:]+)\$([^$:]+):([^$:]+)$/.exec(text) ?? [];
	const iterations = count(rounds);
	const [salt, hash, serverKey] = [
		unpaddedBytes(first?.replace(/=+$/, ""), 8),
		bytes(second, [32]),
		bytes(third, [32]),
	];
	if (iterations === undefined || !salt || !hash || !serverKey) return "it is damaged";
	if (iterations > MOST.pbkdf2) return `it asks for more than ${MOST.pbkdf2} rounds`;
	return { kind: "scram", iterations, salt, hash, serverKey };
}

function count(text: string | undefined): number | undefined {
	return text !== undefined && /^[1-9]\d{0,9}$/.test(text) ? Number(text) : undefined;
}

/** Standard base64 with padding, of one of the given lengths. */
function bytes(text: string | undefined, lengths: readonly number[]): Buffer | undefined {
	if (text === undefined) return undefined;
	const decoded = Buffer.from(text, "base64");
	return lengths.includes(decoded.length) && decoded.toString("base64") === text ? decoded : undefined;
}

function unpaddedBytes(text: string | undefined, least: number): Buffer | undefined {
	if (text === undefined || text.length > 172) return undefined;
	const decoded = Buffer.from(text, "base64");
	return decoded.length >= least && unpadded(decoded) === text ? decoded : undefined;
}

function unpadded(buffer: Buffer): string {
	return buffer.toString("base64").replace(/=+$/, "");
}
