/** A set of topic filters that finds the values whose filter selects a topic. */

interface Node<T> {
	readonly children: Map<string, Node<T>>;
	/** Values whose filter ends here. */
	here: T[];
	/** Values whose filter ends here with one more level `#`. */
	below: T[];
}

/** How many topics the cache of matches remembers before it starts anew. */
const CACHE_SIZE = 4_096;
/** Longer topics, in characters, are not remembered: their number times their length would be a lot of memory. */
const LONGEST_CACHED = 512;

/**
 * Filters and topics must be valid. The same value may stand under several filters, and is then found once for each;
 * adding the same value under the same filter twice keeps both.
 */
export class TopicTrie<T> {
	readonly #root: Node<T> = emptyNode();
	/** undefined where the caller remembers for itself. */
	readonly #cache: Map<string, readonly T[]> | undefined;
	#size = 0;

	constructor({ cache = true }: { readonly cache?: boolean } = {}) {
		this.#cache = cache ? new Map() : undefined;
	}

	/** Number of pairs of filter and value. */
	get size(): number {
		return this.#size;
	}

	add(filter: string, value: T): void {
		const levels = filter.split("/");
		const hash = levels.at(-1) === "#";
		if (hash) levels.pop();
		let node = this.#root;
		for (const level of levels) {
			let child = node.children.get(level);
			if (!child) {
				child = emptyNode();
				node.children.set(level, child);
			}
			node = child;
		}
		(hash ? node.below : node.here).push(value);
		this.#size++;
		this.#cache?.clear();
	}

	/** @returns false when the value does not stand under the filter */
	remove(filter: string, value: T): boolean {
		const levels = filter.split("/");
		const hash = levels.at(-1) === "#";
		if (hash) levels.pop();
		const path: Node<T>[] = [this.#root];
		for (const level of levels) {
			const child = path.at(-1)?.children.get(level);
			if (!child) return false;
			path.push(child);
		}
		const last = path.at(-1) as Node<T>;
		const values = hash ? last.below : last.here;
		const at = values.indexOf(value);
		if (at === -1) return false;
		values.splice(at, 1);
		this.#size--;
		this.#cache?.clear();
		for (let depth = levels.length; depth > 0 && isEmpty(path[depth] as Node<T>); depth--) {
			path[depth - 1]?.children.delete(levels[depth - 1] as string);
		}
		return true;
	}

	/** The values whose filter selects the topic, in no particular order. The list is shared: do not change it. */
	match(topic: string): readonly T[] {
		const known = this.#cache?.get(topic);
		if (known) return known;
		const found: T[] = [];
		collect(this.#root, topic.split("/"), 0, topic.startsWith("$"), found);
		if (!this.#cache || topic.length > LONGEST_CACHED) return found;
		if (this.#cache.size >= CACHE_SIZE) this.#cache.clear();
		this.#cache.set(topic, found);
		return found;
	}
}

/** @param system wildcards on the first level do not select topics that start with `$` [MQTT-4.7.2-1] */
function collect<T>(node: Node<T>, levels: readonly string[], depth: number, system: boolean, found: T[]): void {
	const wild = depth > 0 || !system;
	if (wild) for (const value of node.below) found.push(value);
	const level = levels[depth];
	if (level === undefined) {
		for (const value of node.here) found.push(value);
		return;
	}
	const literal = node.children.get(level);
	if (literal) collect(literal, levels, depth + 1, system, found);
	const plus = wild ? node.children.get("+") : undefined;
	if (plus) collect(plus, levels, depth + 1, system, found);
}

function emptyNode<T>(): Node<T> {
	return { children: new Map(), here: [], below: [] };
}

function isEmpty<T>(node: Node<T>): boolean {
	return node.children.size === 0 && node.here.length === 0 && node.below.length === 0;
}
