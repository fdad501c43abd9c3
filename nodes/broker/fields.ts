/** Reads the fields of the config node: variables filled in, values checked, errors that name the field. */

import { FlowbrokerError } from "../../broker";
import { fillIn, type Lookup } from "../environment";
import { flagOf, textOf, wholeOf } from "../values";
import type { BrokerProperties } from "./properties";

/** What a flow file holds; nothing is sure about it. */
export type RawProperties = { readonly [name in keyof BrokerProperties]?: unknown };

/** Bounds of a number, both of them allowed. */
interface Range {
	readonly from: number;
	readonly to: number;
}

export class Fields {
	readonly #properties: RawProperties;
	readonly #lookup: Lookup;

	constructor(properties: RawProperties, lookup: Lookup) {
		this.#properties = properties;
		this.#lookup = lookup;
	}

	/** As it was given. */
	raw(name: keyof BrokerProperties): unknown {
		return this.#properties[name];
	}

	/** The value, with variables filled in where it is a text. */
	value(name: keyof BrokerProperties): unknown {
		const value = this.#properties[name];
		return typeof value === "string" ? this.fill(value, name) : value;
	}

	/** @throws FlowbrokerError OPTION_INVALID when a variable is not set */
	fill(text: string, field: string): string {
		return fillIn(text, `field "${field}"`, this.#lookup);
	}

	/** Without spaces at the ends; undefined when empty. */
	text(name: keyof BrokerProperties): string | undefined {
		const value = this.value(name);
		return textOf(typeof value === "number" ? String(value) : typeof value === "string" ? value.trim() : value);
	}

	/** @returns undefined when empty */
	whole(name: keyof BrokerProperties, { from, to }: Range): number | undefined {
		const value = this.value(name);
		if (isEmpty(value)) return undefined;
		const number = wholeOf(value);
		if (number !== undefined && number >= from && number <= to) return number;
		throw invalid(name, value, `must be a whole number from ${from} to ${to}`);
	}

	/** Seconds with or without decimals; undefined when empty. */
	seconds(name: keyof BrokerProperties, { from, to }: Range): number | undefined {
		const value = this.value(name);
		if (isEmpty(value)) return undefined;
		const number = Number(value);
		if (number >= from && number <= to) return number;
		throw invalid(name, value, `must be a number of seconds from ${from} to ${to}`);
	}

	flag(name: keyof BrokerProperties, otherwise: boolean): boolean {
		const value = this.value(name);
		if (isEmpty(value)) return otherwise;
		const flag = flagOf(value);
		if (flag !== undefined) return flag;
		throw invalid(name, value, "must be true or false");
	}

	choice<Choice extends string>(name: keyof BrokerProperties, choices: readonly Choice[], otherwise: Choice): Choice {
		const value = this.value(name);
		if (isEmpty(value)) return otherwise;
		const found = choices.find((choice) => choice === String(value));
		if (found) return found;
		throw invalid(name, value, `must be ${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}`);
	}
}

/** @param rule completes the sentence: `must be a whole number` */
export function invalid(field: string, value: unknown, rule: string): FlowbrokerError {
	const shown = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
	return new FlowbrokerError(
		"OPTION_INVALID",
		`The field "${field}" of the broker ${rule}; it is "${shown.slice(0, 60)}". Open the broker's settings and correct it.`,
	);
}

function isEmpty(value: unknown): boolean {
	return value === undefined || value === null || value === "";
}
