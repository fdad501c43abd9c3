/** Makes passwords that nobody can guess and everybody can type. */

import { randomInt } from "node:crypto";

/** Without letters and digits that look alike. */
const CHARACTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/** 20 of 56 characters are 116 bits. */
const LENGTH = 20;

export function generatePassword(): string {
	return Array.from({ length: LENGTH }, () => CHARACTERS[randomInt(CHARACTERS.length)]).join("");
}
