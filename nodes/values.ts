/** Reads single values of a flow file or a message, which may be a number, a boolean or the text of one. */

import type { QoS } from "../broker";

/** @returns undefined for everything that is no QoS: absent, empty, 3, `"high"` */
export function qosOf(value: unknown): QoS | undefined {
	const number = wholeOf(value);
	return number === 0 || number === 1 || number === 2 ? number : undefined;
}

/** @returns undefined for everything but true, false and their texts */
export function flagOf(value: unknown): boolean | undefined {
	if (value === true || value === "true") return true;
	if (value === false || value === "false") return false;
	return undefined;
}

/** A whole number that is not negative, also as text. */
export function wholeOf(value: unknown): number | undefined {
	if (typeof value === "number") return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
	if (typeof value === "string" && /^\s*\d+\s*$/.test(value)) return wholeOf(Number(value));
	return undefined;
}

/** A text that is not empty. */
export function textOf(value: unknown): string | undefined {
	return typeof value === "string" && value !== "" ? value : undefined;
}
