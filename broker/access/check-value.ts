/** Small checks for unknown values; each error names the path of the value and what it may be. */

import { type ErrorCode, FlowbrokerError } from "../errors";

/** Where a value stands, and which code an error about it has. */
export interface Place {
	/** As in `users[3].rules[0]`; empty for the whole. */
	readonly path: string;
	readonly code: ErrorCode;
}

export function inside(place: Place, step: string | number): Place {
	if (typeof step === "number") return { ...place, path: `${place.path}[${step}]` };
	return { ...place, path: place.path === "" ? step : `${place.path}.${step}` };
}

/** @returns the error, to be thrown by the caller */
export function wrong(place: Place, problem: string): FlowbrokerError {
	return new FlowbrokerError(place.code, `${place.path === "" ? "The content" : place.path} ${problem}.`);
}

/** An object that has no other keys than `keys`: a misspelt one must not silently drop a rule. */
export function record(value: unknown, place: Place, keys: readonly string[]): Record<string, unknown> {
	if (typeof value !== "object" || value === null || Array.isArray(value)) {
		throw wrong(place, `must be an object, not ${show(value)}`);
	}
	for (const key of Object.keys(value)) {
		if (!keys.includes(key)) throw wrong(inside(place, key), `is not known; known here are ${keys.join(", ")}`);
	}
	return Object.assign(Object.create(null), value) as Record<string, unknown>;
}

export function list<T>(value: unknown, place: Place, item: (value: unknown, place: Place) => T): readonly T[] {
	if (!Array.isArray(value)) throw wrong(place, `must be a list, not ${show(value)}`);
	return value.map((each: unknown, at) => item(each, inside(place, at)));
}

export function flag(value: unknown, place: Place): boolean {
	if (typeof value === "boolean") return value;
	throw wrong(place, `must be true or false, not ${show(value)}`);
}

export function text(value: unknown, place: Place): string {
	if (typeof value === "string") return value;
	throw wrong(place, `must be a text, not ${show(value)}`);
}

export function choice<T extends string>(value: unknown, place: Place, choices: readonly T[]): T {
	const found = choices.find((each) => each === value);
	if (found === undefined) throw wrong(place, `must be ${choices.join(" or ")}, not ${show(value)}`);
	return found;
}

/** Only the kind of long or compound values, so that nothing secret gets into a message. */
function show(value: unknown): string {
	if (value === undefined) return "absent";
	if (value === null || typeof value === "boolean" || typeof value === "number") return String(value);
	if (typeof value === "string") return value.length <= 20 ? JSON.stringify(value) : "another text";
	return Array.isArray(value) ? "a list" : "an object";
}
