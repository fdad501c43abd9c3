/** Reads the fields of one line of an export, and says in words what is wrong with one. */

import { show } from "../../parse";
import { isTopicName, whyNotFilter } from "../../topic";

/** What is wrong with a line; whoever knows the file and the number of the line makes an error of it. */
export class LineProblem extends Error {}

export class Fields {
	readonly #fields: Readonly<Record<string, unknown>>;

	/** @throws LineProblem for what is no object */
	constructor(value: unknown) {
		if (typeof value !== "object" || value === null || Array.isArray(value)) {
			throw new LineProblem("it must be a JSON object, as in {...}");
		}
		this.#fields = value as Record<string, unknown>;
	}

	has(name: string): boolean {
		return this.#fields[name] !== undefined;
	}

	isNull(name: string): boolean {
		return this.#fields[name] === null;
	}

	/** Refuses fields with other names: one that was mistyped would be lost without a word. */
	known(...names: readonly string[]): void {
		const unknown = Object.keys(this.#fields).find((name) => !names.includes(name));
		if (unknown !== undefined) throw new LineProblem(`"${unknown}" is not known here; known are ${names.join(", ")}`);
	}

	text(name: string): string {
		const value = this.#fields[name];
		return typeof value === "string" ? value : this.#wrong(name, "a text");
	}

	optionalText(name: string): string | undefined {
		return this.has(name) ? this.text(name) : undefined;
	}

	textOrNull(name: string): string | null {
		return this.#fields[name] === null ? null : this.text(name);
	}

	flag(name: string): boolean {
		const value = this.#fields[name];
		return typeof value === "boolean" ? value : this.#wrong(name, "true or false");
	}

	whole(name: string, least: number, most: number): number {
		const value = this.#fields[name];
		if (typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most) return value;
		return this.#wrong(name, `a whole number from ${least} to ${most}`);
	}

	/** One number, or a list of them. */
	wholes(name: string, least: number, most: number): number | number[] {
		const value = this.#fields[name];
		if (!Array.isArray(value)) return this.whole(name, least, most);
		return value.map((one) => new Fields({ [name]: one }).whole(name, least, most));
	}

	/** @returns milliseconds since 1970 */
	date(name: string): number {
		const value = this.#fields[name];
		const date = typeof value === "string" ? Date.parse(value) : Number.NaN;
		return Number.isNaN(date) ? this.#wrong(name, "a date as in 2026-11-21T13:00:00.000Z") : date;
	}

	base64(name: string): Buffer {
		const text = this.text(name);
		const bytes = Buffer.from(text, "base64");
		return bytes.toString("base64") === text ? bytes : this.#wrong(name, "bytes in base64");
	}

	topic(name: string): string {
		const topic = this.text(name);
		return isTopicName(topic) ? topic : this.#wrong(name, "a topic: not empty, without + and #");
	}

	filter(name: string): string {
		const filter = this.text(name);
		const problem = whyNotFilter(filter);
		if (problem !== undefined) throw new LineProblem(`"${name}" is ${show(filter)}, and ${problem}`);
		return filter;
	}

	inner(name: string): Fields {
		const value = this.#fields[name];
		if (typeof value !== "object" || value === null || Array.isArray(value)) this.#wrong(name, "an object");
		return new Fields(value);
	}

	/** Names, and texts or lists of texts. */
	texts(name: string): Record<string, string | string[]> {
		const { ...found } = this.inner(name).#fields;
		for (const [each, value] of Object.entries(found)) {
			if (![value].flat().every((one) => typeof one === "string"))
				this.#wrong(`${name}.${each}`, "a text, or a list of texts");
		}
		return found as Record<string, string | string[]>;
	}

	#wrong(name: string, what: string): never {
		const value = this.#fields[name];
		if (value === undefined) throw new LineProblem(`"${name}" is missing: it must be ${what}`);
		throw new LineProblem(`"${name}" must be ${what}, not ${show(value)}`);
	}
}
