/** A new password: made up, from the standard input, or from somebody at the terminal. */

import { type access, FlowbrokerError, generatePassword } from "../../../broker";
import type { CommandCall, CommandOption } from "../../command";
import { askTwice } from "./ask-twice";

export const passwordOptions = {
	generate: { help: "make a password up, and show it this once" },
	"password-stdin": { help: "read the password from the standard input, also when that is a terminal" },
	scram: { help: "keep the password for logins with SCRAM-SHA-256 (MQTT 5); a plain login works with it too" },
} as const satisfies Record<string, CommandOption>;

/** What the help says of it. */
export const passwordHelp = `The password is asked for twice without being shown. When the standard input is no terminal, the
password is read from there: one line, of which the line end does not count.`;

export interface NewPassword {
	readonly text: string;
	/** Made up: nobody knows it yet. */
	readonly generated: boolean;
}

/** How the password is to be kept. */
export function passwordForm({ switches }: CommandCall): access.PasswordForm {
	return switches.has("scram") ? "scram" : "argon2id";
}

/** In bytes: the most that MQTT can send. */
const LONGEST = 65_535;

/** @throws FlowbrokerError USAGE, PASSWORD_EMPTY, PASSWORD_INVALID, PASSWORDS_DIFFER or CANCELLED */
export async function newPassword({ switches }: CommandCall, user: string): Promise<NewPassword> {
	const fromInput = switches.has("password-stdin");
	if (switches.has("generate")) {
		if (fromInput) throw new FlowbrokerError("USAGE", "Give either --generate or --password-stdin.");
		return { text: generatePassword(), generated: true };
	}
	const text = fromInput || !process.stdin.isTTY ? await fromStandardInput() : await askTwice(user);
	if (text === "") {
		throw new FlowbrokerError(
			"PASSWORD_EMPTY",
			"The password is empty, which is not allowed: give one, or say --generate.",
		);
	}
	if (Buffer.byteLength(text) > LONGEST) throw tooLong();
	return { text, generated: false };
}

async function fromStandardInput(): Promise<string> {
	const chunks: Buffer[] = [];
	let length = 0;
	for await (const chunk of process.stdin) {
		chunks.push(chunk as Buffer);
		length += (chunk as Buffer).length;
		if (length > LONGEST + 2) throw tooLong();
	}
	const text = decode(Buffer.concat(chunks)).replace(/\r?\n$/, "");
	if (!/[\r\n]/.test(text)) return text;
	const sentence = "The standard input has several lines: a password is one line. Nothing was changed.";
	throw new FlowbrokerError("PASSWORD_INVALID", sentence);
}

function decode(bytes: Buffer): string {
	try {
		return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
	} catch {
		throw new FlowbrokerError("PASSWORD_INVALID", "The password is not text in UTF-8. Nothing was changed.");
	}
}

function tooLong(): FlowbrokerError {
	return new FlowbrokerError(
		"PASSWORD_INVALID",
		`The password is longer than ${LONGEST} bytes, which MQTT can't send.`,
	);
}
