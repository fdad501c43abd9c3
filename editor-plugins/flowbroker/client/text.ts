/** Texts of the catalogue, with values filled in. */

import type catalogue from "../locales/en-US/flowbroker.json";

type Paths<T> = { [K in keyof T & string]: T[K] extends string ? K : `${K}.${Paths<T[K]>}` }[keyof T & string];

/** A text that the catalogue has: with any other key it does not compile. */
export type TextKey = Paths<typeof catalogue>;

export type Translate = (key: TextKey, values?: Readonly<Record<string, string | number>>) => string;

/**
 * @param lookup Node-RED's own. It gets no values: names and topics come from outside, and it would look for further
 * texts in them.
 */
export function translator(lookup: (key: string) => string): Translate {
	return (key, values = {}) =>
		lookup(key).replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}
