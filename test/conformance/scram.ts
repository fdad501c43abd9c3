/** The client's half of SCRAM-SHA-256 (RFC 5802, RFC 7677). */

import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";

export class ScramClient {
	readonly #nonce = randomBytes(18).toString("base64");
	readonly #first: string;
	#proofOf: { readonly saltedPassword: Buffer; readonly message: string } | undefined;

	constructor(
		user: string,
		readonly password: string,
	) {
		this.#first = `n=${user},r=${this.#nonce}`;
	}

	/** The first message of the client. */
	first(): Buffer {
		return Buffer.from(`n,,${this.#first}`);
	}

	/** The second message of the client. @param serverFirst the server's answer to the first one */
	final(serverFirst: Buffer): Buffer {
		const fields = fieldsOf(serverFirst);
		const nonce = fields.get("r") ?? "";
		if (!nonce.startsWith(this.#nonce)) throw new Error("the server's nonce does not begin with the client's");
		const salt = Buffer.from(fields.get("s") ?? "", "base64");
		const saltedPassword = pbkdf2Sync(this.password, salt, Number(fields.get("i")), 32, "sha256");
		const withoutProof = `c=${Buffer.from("n,,").toString("base64")},r=${nonce}`;
		const message = `${this.#first},${serverFirst.toString()},${withoutProof}`;
		this.#proofOf = { saltedPassword, message };
		const clientKey = hmac(saltedPassword, "Client Key");
		const signature = hmac(createHash("sha256").update(clientKey).digest(), message);
		const proof = clientKey.map((byte, at) => byte ^ (signature[at] as number));
		return Buffer.from(`${withoutProof},p=${Buffer.from(proof).toString("base64")}`);
	}

	/** Has the server shown that it knows the user too? */
	trusts(serverFinal: Buffer): boolean {
		if (!this.#proofOf) return false;
		const { saltedPassword, message } = this.#proofOf;
		const signature = hmac(hmac(saltedPassword, "Server Key"), message);
		return fieldsOf(serverFinal).get("v") === signature.toString("base64");
	}
}

function hmac(key: Buffer, text: string): Buffer {
	return createHmac("sha256", key).update(text).digest();
}

function fieldsOf(message: Buffer): Map<string, string> {
	return new Map(
		message
			.toString()
			.split(",")
			.map((field) => [field.slice(0, 1), field.slice(2)]),
	);
}
