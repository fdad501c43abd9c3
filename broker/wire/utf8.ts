/** The strict text of MQTT: well-formed UTF-8 without NUL. */

import { isUtf8 } from "node:buffer";
import { problems, type WireProblem } from "./problems";

/** What is wrong with the text in `bytes` from `from` up to, not including, `to`? */
export function utf8Problem(bytes: Buffer, from: number, to: number): WireProblem | undefined {
	for (let at = from; at < to; at++) {
		const byte = bytes[at] as number;
		if (byte === 0) return problems.nulInText;
		if (byte >= 0x80) return nonAsciiProblem(bytes, at, to);
	}
	return undefined;
}

/** As {@link utf8Problem}, for a text that is known to hold more than ASCII. */
export function nonAsciiProblem(bytes: Buffer, from: number, to: number): WireProblem | undefined {
	const text = bytes.subarray(from, to);
	// isUtf8 refuses surrogates and overlong forms, and takes NUL for a character like any other.
	if (!isUtf8(text)) return problems.illFormedText;
	return text.includes(0) ? problems.nulInText : undefined;
}
