/** Small readers for settings of unknown shape. Each throws OPTION_INVALID with the path, the value and what may stand there. */

import { FlowbrokerError } from "./errors";

/** @param path as in `listeners[0].port`; empty for the settings as a whole */
export function record(value: unknown, path: string): Record<string, unknown> {
	if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
	throw invalid(path, `must be an object, not ${show(value)}`);
}

/** Refuses settings that are not in `names`. @param prefix of the path, as in `limits.` */
export function known(given: Record<string, unknown>, names: readonly string[], prefix: string): void {
	for (const name of Object.keys(given)) {
		if (!names.includes(name)) {
			throw invalid(`${prefix}${name}`, `is not a setting; known here are ${names.join(", ")}`);
		}
	}
}

export function whole(value: unknown, path: string, least: number, most: number): number {
	if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
	throw invalid(path, `must be a whole number from ${least} to ${most}, not ${show(value)}`);
}

export function flag(value: unknown, path: string): boolean {
	if (typeof value === "boolean") return value;
	throw invalid(path, `must be true or false, not ${show(value)}`);
}

export function text(value: unknown, path: string): string {
	if (typeof value === "string" && value.trim() !== "") return value.trim();
	throw invalid(path, `must be a text that is not empty, not ${show(value)}`);
}

export function oneOf<T extends string>(value: unknown, path: string, choices: readonly T[]): T {
	if (choices.includes(value as T)) return value as T;
	throw invalid(path, `must be ${choices.map((choice) => `"${choice}"`).join(" or ")}, not ${show(value)}`);
}

export function show(value: unknown): string {
	return JSON.stringify(value)?.slice(0, 60) ?? String(value);
}

export function invalid(path: string, problem: string): FlowbrokerError {
	const place = path === "" ? "The settings" : `The setting ${path}`;
	return new FlowbrokerError("OPTION_INVALID", `${place} ${problem}.`);
}
