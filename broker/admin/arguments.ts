/** Reads what an administrator's command is told: JSON from a request, a message or the command line. */

import { choice, flag, inside, type Place, text as textAt, wrong } from "../access/check-value";

/** Numbers and true or false may also be given as text, as in the query of an address. */
export type Arguments = Readonly<Record<string, unknown>>;

const place: Place = { path: "", code: "ARGUMENT_INVALID" };

/** Refuses arguments that the command does not know: a misspelt one must not be passed over. */
export function known(args: Arguments, names: readonly string[]): Arguments {
	for (const name of Object.keys(args)) {
		if (names.includes(name)) continue;
		const rest = names.length === 0 ? "there are no arguments here" : `known here are ${names.join(", ")}`;
		throw wrong(inside(place, name.slice(0, 60)), `is not known; ${rest}`);
	}
	return args;
}

/** A text that is not empty. */
export function text(args: Arguments, name: string): string {
	const given = args[name];
	if (given === undefined) throw wrong(inside(place, name), "is missing");
	const value = textAt(given, inside(place, name));
	if (value === "") throw wrong(inside(place, name), "must not be empty");
	return value;
}

/** A text that may be absent or empty. */
export function optionalText(args: Arguments, name: string, fallback: string): string {
	return args[name] === undefined ? fallback : textAt(args[name], inside(place, name));
}

/** The name of a user; absent or `null` is a client without user name. */
export function userName(args: Arguments): string | null {
	return args.user === undefined || args.user === null ? null : text(args, "user");
}

export function oneOf<T extends string>(args: Arguments, name: string, choices: readonly T[]): T {
	return choice(args[name], inside(place, name), choices);
}

export function trueOrFalse(args: Arguments, name: string, fallback: boolean): boolean {
	const value = args[name];
	if (value === undefined) return fallback;
	if (value === "true" || value === "false") return value === "true";
	return flag(value, inside(place, name));
}

/** A whole number within the limits. */
export function whole(args: Arguments, name: string, least: number, most: number, fallback?: number): number {
	const value = numberOf(args[name]) ?? fallback;
	if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
	throw wrong(inside(place, name), `must be a whole number from ${least} to ${most}`);
}

/** A text of digits as a number; everything else as it is. */
export function numberOf(value: unknown): unknown {
	return typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}

/** @returns the error, to be thrown by the caller. It must not quote what may be secret. */
export function invalidArgument(name: string, problem: string): Error {
	return wrong(inside(place, name), problem);
}
