/** Makes and verifies password hashes, a few at a time and off the main thread. */

import { createHash, pbkdf2 as pbkdf2Callback, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { FlowbrokerError } from "../errors";
import { Argon2 } from "./argon2";
import {
	ARGON2_BYTES,
	formatArgon2,
	formatScram,
	mosquittoCost,
	type PasswordHash,
	parsePasswordHash,
} from "./password-hash";
import { clientKeyOf, SCRAM_ROUNDS, serverKeyOf, sha256 } from "./scram-keys";
import { WorkLine } from "./work-line";

const pbkdf2 = promisify(pbkdf2Callback);

export interface PasswordHasherOptions {
	/** How many hashes are computed at the same time. */
	readonly atOnce: number;
	/** How many more may wait before logins are refused. */
	readonly places: number;
}

export const defaultHasherOptions = { atOnce: 2, places: 200 } as const satisfies PasswordHasherOptions;

/** Close it when it is no longer needed: it may hold worker threads. */
export class PasswordHasher {
	readonly #argon2 = new Argon2();
	readonly #line: WorkLine;

	constructor(options: Partial<PasswordHasherOptions> = {}) {
		const { atOnce, places } = { ...defaultHasherOptions, ...options };
		this.#line = new WorkLine(atOnce, places);
	}

	/**
	 * An argon2id hash with a new salt, in the form and at the cost of Mosquitto 2.1.
	 * @throws FlowbrokerError PASSWORD_EMPTY, LOGIN_BUSY or PASSWORD_HASHING_FAILED
	 */
	async hash(password: Buffer | string): Promise<string> {
		const given = notEmpty(password);
		const salt = randomBytes(ARGON2_BYTES);
		const job = { ...mosquittoCost, password: given, salt, length: ARGON2_BYTES };
		return formatArgon2(mosquittoCost, salt, await this.#line.run(() => this.#argon2.hash(job)));
	}

	/**
	 * What SCRAM-SHA-256 needs, with a new salt.
	 * @throws FlowbrokerError PASSWORD_EMPTY, LOGIN_BUSY or PASSWORD_HASHING_FAILED
	 */
	async hashForScram(password: Buffer | string): Promise<string> {
		const given = notEmpty(password);
		const salt = randomBytes(SCRAM_SALT);
		const salted = await this.#line.run(() => pbkdf2(given, salt, SCRAM_ROUNDS, 32, "sha256"));
		const hash = sha256(clientKeyOf(salted));
		return formatScram({ iterations: SCRAM_ROUNDS, salt, hash, serverKey: serverKeyOf(salted) });
	}

	/**
	 * @param hash as text, or parsed before
	 * @param wanted asked when the turn has come; false skips the work, and the answer is then false
	 * @throws FlowbrokerError PASSWORD_HASH_INVALID, LOGIN_BUSY or PASSWORD_HASHING_FAILED
	 */
	async verify(password: Buffer, hash: PasswordHash | string, wanted = () => true): Promise<boolean> {
		const parsed = typeof hash === "string" ? parsePasswordHash(hash) : hash;
		return this.#line.run(async () => {
			if (password.length === 0 || !wanted()) return false;
			return timingSafeEqual(await this.#compute(password, parsed), parsed.hash);
		});
	}

	/** Takes as long as verifying one of our own hashes: for users who do not exist, or have an old hash. */
	async verifyNothing(password: Buffer, wanted = () => true): Promise<void> {
		await this.verify(password, nothing, wanted);
	}

	/** Takes work again after {@link close}. */
	open(): void {
		this.#argon2.open();
	}

	/** Ends the worker threads; what is under way fails. */
	async close(): Promise<void> {
		this.#line.close();
		await this.#argon2.close();
	}

	async #compute(password: Buffer, stored: PasswordHash): Promise<Buffer> {
		switch (stored.kind) {
			case "sha512":
				return createHash("sha512").update(password).update(stored.salt).digest();
			case "pbkdf2":
				return pbkdf2(password, stored.salt, stored.iterations, stored.hash.length, "sha512");
			case "scram":
				return sha256(clientKeyOf(await pbkdf2(password, stored.salt, stored.iterations, 32, "sha256")));
			case "argon2id":
				return this.#argon2.hash({ ...stored, password, length: stored.hash.length });
		}
	}
}

/** Bytes. */
const SCRAM_SALT = 16;

function notEmpty(password: Buffer | string): Buffer {
	const given = Buffer.from(password);
	if (given.length > 0) return given;
	throw new FlowbrokerError("PASSWORD_EMPTY", "An empty password is not allowed: choose one with some characters.");
}

/** Should the password be hashed anew at the next chance? @throws FlowbrokerError PASSWORD_HASH_INVALID */
export function needsUpgrade(hash: string): boolean {
	const parsed = parsePasswordHash(hash);
	// Somebody chose that form.
	if (parsed.kind === "scram") return false;
	return parsed.kind !== "argon2id" || parsed.memory * parsed.iterations < mosquittoCost.memory;
}

const nothing: PasswordHash = Object.freeze({
	kind: "argon2id",
	...mosquittoCost,
	salt: Buffer.alloc(ARGON2_BYTES),
	hash: Buffer.alloc(ARGON2_BYTES),
});
