/** User properties: pairs that keep their order and may repeat a name, kept as a record by name. [MQTT-3.3.2-18] */

export interface UserProperties {
	/** A name that stands once has a text, one that repeats a list. */
	userProperties?: Record<string, string | string[]>;
	/** The names of all pairs in the order of the wire, where the record alone can't tell it. */
	userPropertyOrder?: readonly string[];
}

export type Pair = readonly [name: string, value: string];

/** @param pairs in the order of the wire, at least one */
export function userPropertiesOf(pairs: readonly Pair[]): UserProperties {
	const record: Record<string, string | string[]> = {};
	for (const [name, value] of pairs) {
		const known = Object.hasOwn(record, name) ? record[name] : undefined;
		if (known === undefined) put(record, name, value);
		else if (typeof known === "string") put(record, name, [known, value]);
		else known.push(value);
	}
	const names = pairs.map(([name]) => name);
	// A record keeps what has one name together, and sorts names that look like numbers to the front.
	let at = 0;
	for (const [name] of pairsOf({ userProperties: record })) {
		if (name !== names[at++]) return { userProperties: record, userPropertyOrder: names };
	}
	return { userProperties: record };
}

/** In the order of the wire. */
export function* pairsOf({ userProperties, userPropertyOrder }: UserProperties): Generator<Pair> {
	if (!userProperties) return;
	if (!userPropertyOrder) {
		for (const [name, value] of Object.entries(userProperties)) {
			for (const one of typeof value === "string" ? [value] : value) yield [name, one];
		}
		return;
	}
	const taken = new Map<string, number>();
	for (const name of userPropertyOrder) {
		const value = userProperties[name];
		const at = taken.get(name) ?? 0;
		taken.set(name, at + 1);
		const one = typeof value === "string" ? value : value?.[at];
		if (one !== undefined) yield [name, one];
	}
}

/** Also a name like `__proto__` becomes a property of its own. */
function put(record: Record<string, string | string[]>, name: string, value: string | string[]): void {
	Object.defineProperty(record, name, { value, writable: true, enumerable: true, configurable: true });
}
