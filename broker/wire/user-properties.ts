/** User properties: pairs that keep their order and may repeat a name, kept as a record by name. [MQTT-3.3.2-18] */

export interface UserProperties {
	/** A name that stands once has a text, one that repeats a list. */
	userProperties?: Record<string, string | string[]>;
	/** The names of all pairs in the order of the wire, where the record alone can't tell it. */
	userPropertyOrder?: readonly string[];
}

/** Adds a pair behind those that are there. */
export function addPair(to: UserProperties, name: string, value: string): void {
	const before = to.userProperties;
	const record = before ?? {};
	to.userProperties = record;
	const names = before ? orderOf(to) : [];
	const known = Object.hasOwn(record, name) ? record[name] : undefined;
	if (known === undefined) put(record, name, value);
	else if (typeof known === "string") record[name] = [known, value];
	else known.push(value);
	if (before && isRepeatedInPlace(names, name)) {
		if (to.userPropertyOrder) to.userPropertyOrder = [...names, name];
		return;
	}
	// A record sorts names that look like numbers to the front.
	if (to.userPropertyOrder || Object.keys(record).at(-1) !== name || known !== undefined) {
		to.userPropertyOrder = [...names, name];
	}
}

/** In the order of the wire. */
export function* pairsOf({ userProperties, userPropertyOrder }: UserProperties): Generator<[string, string]> {
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

function orderOf(properties: UserProperties): readonly string[] {
	return properties.userPropertyOrder ?? [...pairsOf(properties)].map(([name]) => name);
}

/** Right behind one with the same name: the record keeps such pairs together by itself. */
function isRepeatedInPlace(names: readonly string[], name: string): boolean {
	return names.at(-1) === name;
}

/** Also a name like `__proto__` becomes a property of its own. */
function put(record: Record<string, string | string[]>, name: string, value: string): void {
	Object.defineProperty(record, name, { value, writable: true, enumerable: true, configurable: true });
}
